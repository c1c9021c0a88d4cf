// Kinds, schema engine, meta, quantities, selectors, patches, StatusError, Clock and Random.
import type { OpenApiFacts } from './schema/openapi-facts.js';

export type { ResetFields } from './apply/compare.js';
export { type Author, applyConfiguration, managersAfterUpdate } from './apply/field-management.js';
export { applyToObject, kindText, type Managed, managedFieldsOf } from './apply/field-manager.js';
export { type FieldPattern, type FieldSet, fieldSetOf } from './apply/field-set.js';
export type { ManagedKind, TypedVersion } from './apply/managed-kind.js';
export { readManagers, sameButTimes, writeManagers } from './apply/managers.js';
export { managersOfParent, managersOfScale } from './apply/scale-managers.js';
export { type BootstrapToken, bootstrapSecretName, bootstrapTokenNamespace, bootstrapTokenOf, isExpired } from './bootstrap-token.js';
export { type Clock, fromTime, sleepOn, systemClock, type Timer, toMicroTime, toTime } from './clock.js';
export { clone, deepEqual, deepFreeze, memberOf, setMember, sortedKeys } from './clone.js';
export * as field from './field-error.js';
export { type FieldError, invalidObject } from './field-error.js';
export { type FieldSelector, FieldSelectorError, type FieldTerm, fieldSelectorOf, parseFieldSelector } from './field-selector.js';
export { builtinResources } from './gen/resources.js';
export type * from './gen/types.js';
export { percentageOf, scaledValue } from './int-or-string.js';
export {
  type CidrBlock,
  cidrContains,
  formatCidr,
  formatIp,
  type IpAddress,
  ipv4Block,
  ipv4ToNumber,
  isIpv6,
  networkOf,
  numberToIpv4,
  parseCidr,
  parseIp,
} from './ip.js';
export { validateWebhookClient } from './kinds/admission/webhook-validation.js';
export { generateJobSelector } from './kinds/batch/job-selector.js';
export { applyDefaults } from './kinds/defaults.js';
export { newerEventNames } from './kinds/events/validation.js';
export { goStruct } from './kinds/field-checks.js';
export { mandatoryFlowSchemas, mandatoryPriorityLevels } from './kinds/flowcontrol/mandatory.js';
export { suggestedFlowSchemas, suggestedPriorityLevels } from './kinds/flowcontrol/suggested.js';
export { validateNamespaceFinalize } from './kinds/namespace/validation.js';
export { fieldManagerErrors } from './kinds/object-meta/managed-fields-validation.js';
export { type NameRule, validateMetadata, validateMetadataUpdate } from './kinds/object-meta/validation.js';
export { mergeMatchLabelKeys } from './kinds/pod/match-label-keys.js';
export { dropTypeDependentFields } from './kinds/service/type-change.js';
export { validateCreate, validateStatusUpdate, validateUpdate } from './kinds/validation.js';
export { warningsOf } from './kinds/warnings.js';
export {
  everything,
  type LabelSelectorLike,
  type Labels,
  labelSelectorMatches,
  nothing,
  parseLabelSelector,
  type Requirement,
  type RequirementOperator,
  type Selector,
  SelectorError,
  selectorFrom,
  selectorOf,
  selectorOfLabels,
  selectorText,
} from './label-selector.js';
export { type LogFields, type Logger, silentLogger } from './logger.js';
export {
  type ConditionLike,
  conditionOf,
  controllerOf,
  controllerReference,
  type Identified,
  isConditionTrue,
  isControlledBy,
  isDeleting,
  isPodActive,
  isPodAvailable,
  isPodReady,
  isPodTerminal,
  keyOf,
  type OwnerReferenceLike,
  type PodLike,
  setCondition,
} from './meta.js';
export * as names from './names.js';
export { nodeSelectorMatches, nodeSelectorTermMatches, requiredAffinityMatches, tolerates } from './node-selector.js';
export { goValue } from './patch/go-format.js';
export { jsonPatch } from './patch/json-patch.js';
export { type JsonObject, mergePatch } from './patch/merge-patch.js';
export { type MergeField, type MergeSchema, strategicMergePatch } from './patch/strategic-patch.js';
export { amountOf, amountsOf, isSidecar, podResources } from './pod-resources.js';
export { decodeProtobuf, isProtobuf } from './protobuf/decode-protobuf.js';
export { encodeMessage } from './protobuf/encode-protobuf.js';
export { type EnvelopeType, protobufList, protobufObject, protobufWatchFrame } from './protobuf/envelope.js';
export { fieldMessage } from './protobuf/message-fields.js';
export { type QosClass, qosClassOf } from './qos-class.js';
export {
  addQuantities,
  approximateValue,
  canonicalQuantity,
  compareQuantities,
  cpuMillis,
  formatQuantity,
  milliValueOf,
  parseQuantity,
  type Quantity,
  QuantityError,
  type QuantityFormat,
  type QuantityLike,
  quantityError,
  subtractQuantities,
  wholeValue,
  wholeValue as valueOf,
} from './quantity.js';
export { matchesScopes } from './quota/scopes.js';
export { addUsage, type CountedResource, changesUsage, isQuotaNameOf, quotaUsage, type Usage, unspecified } from './quota/usage.js';
export { type Random, randomSuffix, seededRandom, systemRandom } from './random.js';
export {
  groupVersion,
  type KubernetesObject,
  type ObjectList,
  type ResourceInfo,
  resourceByKind,
  resourceByPath,
  resourceOf,
  type SubresourceInfo,
  splitApiVersion,
} from './resource-info.js';
export { DecodeError, decodeObject, decodeValue, unknownFields, zeroOf } from './schema/decode.js';
export { mergeSchemaOf } from './schema/merge-schema.js';
export type { DefinitionFacts, OpenApiFacts } from './schema/openapi-facts.js';
export {
  type Field,
  goTypeOf,
  type ListSchema,
  type MapSchema,
  type ObjectSchema,
  type ScalarKind,
  type ScalarSchema,
  type Schema,
} from './schema/schema.js';
export { definition, schemaIdOf, schemaOf } from './schema/schema-table.js';
export {
  alreadyExists,
  badRequest,
  conflict,
  expired,
  forbidden,
  type GroupResource,
  gone,
  ignoreNotFound,
  internalError,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isGone,
  isInvalid,
  isNamespaceTerminating,
  isNotFound,
  isTooManyRequests,
  methodNotSupported,
  notFound,
  outdated,
  PageNotFound,
  pathNotFound,
  qualifiedResource,
  type Status,
  type StatusCause,
  type StatusDetails,
  StatusError,
  serviceUnavailable,
  statusErrorIn,
  timeoutError,
  tooManyRequests,
  toStatusError,
  unauthorized,
} from './status-error.js';
export { safeSysctls } from './sysctls.js';
export { VirtualClock } from './virtual-clock.js';

/** What OpenAPI documents are made of beside the schema table; large, so loaded only when asked for. */
export async function loadOpenApiFacts(): Promise<OpenApiFacts> {
  const [{ descriptions }, facts] = await Promise.all([import('./gen/descriptions.js'), import('./gen/openapi-data.js')]);
  return { descriptions, definitions: facts.definitionFacts, everywhere: facts.commonVersions };
}
