// The common expression language with Kubernetes' extension functions; regular expressions and formats as Go reads them.
export { type CompiledExpression, callCostLimit, type Outcome } from './compiled-expression.js';
export {
  type DeclaredField,
  type DeclaredType,
  identifierOf,
  type ListType,
  listOf,
  type MapType,
  mapOf,
  type ObjectType,
  objectOf,
  opaque,
  optionalOf,
  ownObjectOf,
  type ScalarName,
  type ScalarType,
  scalar,
} from './declared-type.js';
export { type Compilation, ExpressionEnvironment, type Variables } from './expression-environment.js';
export { FunctionError } from './expression-error.js';
export { formatCheck } from './formats.js';
export { type AccessCheck, type AccessDecision, Authorizer, authorizerLibrary, type Decide } from './libraries/authorizer.js';
export { functions, type Library } from './libraries/library.js';
export { type Pattern, patternOf } from './patterns.js';
export {
  type AdmissionEnvironments,
  admissionRequestType,
  plainAdmissionEnvironment,
  reviewedNamespaceType,
} from './policies/admission-environments.js';
export { customKindType, kindType } from './policies/kind-types.js';
export {
  compileConditions,
  compilePolicy,
  conditionExpressionErrors,
  type Expression,
  type PolicyExpressions,
  type PolicyValidation,
  type PolicyVariable,
  policyExpressionErrors,
  type VariableScope,
} from './policies/policy-expressions.js';
export { type CheckedKind, policyTypeWarnings } from './policies/type-checking.js';
export { dynamicValue, plainValue } from './values.js';
