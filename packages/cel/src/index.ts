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
export { dynamicValue, plainValue } from './values.js';
