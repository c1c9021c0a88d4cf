// How CustomResourceDefinitions are validated, in place of the rules that a built-in kind has in the schema engine.
import type { KindCodec } from '../../registry/resource-definition.js';
import { validateDefinition, validateDefinitionStatus, validateDefinitionUpdate } from './definition-validation.js';
import { asDefinition } from './strategy.js';

export const definitionChecks = (codec: KindCodec): KindCodec => ({
  ...codec,
  validateCreate: (object) => validateDefinition(asDefinition(object)),
  validateUpdate: (object, old) => validateDefinitionUpdate(asDefinition(object), asDefinition(old)),
  validateStatusUpdate: (object, old) => validateDefinitionStatus(asDefinition(object), asDefinition(old)),
});
