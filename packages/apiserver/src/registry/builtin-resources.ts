// The built-in resources as the server registers them: every one with a schema that can be stored.
import { builtinResources, groupVersion, type ResourceInfo, schemaOf, zeroOf } from '@steersman/api';
import { policyChecks, webhookChecks } from '../admission/policies/expression-checks.js';
import { definitionChecks } from '../custom-resources/definitions/checks.js';
import { columnsOf } from '../tables/columns.js';
import { builtinCodec } from './builtin-codec.js';
import { conversions } from './conversions.js';
import type { KindCodec, ResourceDefinition } from './resource-definition.js';
import { builtinPrefix } from './storage-keys.js';
import { resourceId, type Strategy } from './strategy.js';

/** What clients of resources on their way out are told. */
const deprecations: Readonly<Record<string, string>> = {
  '/componentstatuses': 'v1 ComponentStatus is deprecated in v1.19+',
  '/endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

/** Kinds that are answered and forgotten: they have handlers of their own and are never stored. */
const virtual = (info: ResourceInfo): boolean => !info.verbs.includes('list');

/** Kinds whose validation needs more than the schema engine has, by `group/resource`. */
const ownChecks: Readonly<Record<string, (codec: KindCodec) => KindCodec>> = {
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': webhookChecks,
  'admissionregistration.k8s.io/validatingadmissionpolicies': policyChecks,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': webhookChecks,
  'apiextensions.k8s.io/customresourcedefinitions': definitionChecks,
};

export function builtinDefinitions(strategies: Readonly<Record<string, Strategy>>): ResourceDefinition[] {
  return builtinResources.flatMap((info) => {
    const schema = schemaOf(groupVersion(info), info.kind);
    if (!schema || virtual(info)) return [];
    const conversion = conversions[`${groupVersion(info)}/${info.resource}`];
    const status = schema.fields.get('status');
    const columns = columnsOf(info);
    const codec = builtinCodec(groupVersion(info), info.kind, schema);
    return [
      {
        info,
        prefix: conversion?.prefix ?? builtinPrefix(info.group, info.resource),
        codec: ownChecks[resourceId(info)]?.(codec) ?? codec,
        strategy: strategies[resourceId(info)] ?? {},
        hasStatus: info.subresources.some(({ name }) => name === 'status'),
        ...(columns && { columns }),
        ...(status?.presence === 'struct' && { emptyStatus: () => zeroOf(status.schema) }),
        ...(conversion && { conversion }),
        ...(deprecations[resourceId(info)] && { deprecation: deprecations[resourceId(info)]! }),
      },
    ];
  });
}
