// Regular expressions as Go reads them.
export { type Pattern, patternOf } from './patterns.js';
