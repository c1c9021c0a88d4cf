// Custom resource definitions and aggregated API services.
import type { APIService, CustomResourceDefinition } from '../../gen/types.js';

export function customResourceDefinitionDefaults({ spec }: CustomResourceDefinition): void {
  if (!spec) return;
  if (spec.names?.kind) {
    spec.names.singular ||= spec.names.kind.toLowerCase();
    spec.names.listKind ||= `${spec.names.kind}List`;
  }
  spec.conversion ??= { strategy: 'None' };
  spec.conversion.strategy ||= 'None';
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service) service.port ??= 443;
}

export function apiServiceDefaults({ spec }: APIService): void {
  if (spec?.service) spec.service.port ??= 443;
}
