// What is checked of aggregated API services.
import { type FieldError, invalid, required } from '../../field-error.js';
import type { APIService } from '../../gen/types.js';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../names.js';
import { invalidFor } from '../field-checks.js';

export function validateApiService({ metadata, spec }: APIService): FieldError[] {
  if (!spec) return [];
  const { group = '', version = '', groupPriorityMinimum, versionPriority, service, insecureSkipTLSVerify, caBundle } = spec;
  const wanted = `${version}.${group}`;
  const errors =
    metadata.name === wanted ? [] : [invalid('metadata.name', metadata.name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`)];
  if (group) errors.push(...invalidFor('spec.group', group, dns1123SubdomainErrors(group)));
  errors.push(...invalidFor('spec.version', version, dns1035LabelErrors(version)));
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > 20_000)
    errors.push(invalid('spec.groupPriorityMinimum', groupPriorityMinimum, 'must be positive and less than 20000'));
  if (versionPriority <= 0 || versionPriority > 1000)
    errors.push(invalid('spec.versionPriority', versionPriority, 'must be positive and less than 1000'));
  if (!service) {
    if (caBundle) errors.push(invalid('spec.caBundle', `${caBundle.length} bytes`, 'local APIServices may not have a caBundle'));
    if (insecureSkipTLSVerify) errors.push(invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify'));
    return errors;
  }
  if (!service.namespace) errors.push(required('spec.service.namespace'));
  if (!service.name) errors.push(required('spec.service.name'));
  if (service.port !== undefined && (service.port < 1 || service.port > 65535))
    errors.push(invalid('spec.service.port', service.port, 'port is not valid: must be between 1 and 65535, inclusive'));
  if (insecureSkipTLSVerify && caBundle) errors.push(invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'));
  return errors;
}
