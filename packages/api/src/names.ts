// Rules for names, keys and values. Each check returns upstream's messages for what is wrong, none where all is well.
// Mirrors https://kubernetes.io/docs/concepts/overview/working-with-objects/names/

const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const subdomain1123 = `${label1123}(\\.${label1123})*`;
const wildcardSubdomain = `\\*\\.${subdomain1123}`;
const qualifiedName = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = `(${qualifiedName})?`;
const cIdentifier = '[A-Za-z_][A-Za-z0-9_]*';
const envVarName = '[-._a-zA-Z][-._a-zA-Z0-9]*';
const configMapKey = '[-._a-zA-Z0-9]+';
const httpHeader = '[-A-Za-z0-9]+';
const percent = '[0-9]+%';

const nameExamples = ['MyName', 'my.name', '123-abc'];
const nameRule = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
const patterns = {
  label1123: whole(label1123),
  label1035: whole(label1035),
  subdomain1123: whole(subdomain1123),
  wildcardSubdomain: whole(wildcardSubdomain),
  qualifiedName: whole(qualifiedName),
  labelValue: whole(labelValue),
  cIdentifier: whole(cIdentifier),
  envVarName: whole(envVarName),
  configMapKey: whole(configMapKey),
  httpHeader: whole(httpHeader),
  percent: whole(percent),
};

export const emptyMessage = 'must be non-empty';
export const rangeMessage = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`;
export const maxLengthMessage = (length: number): string => `must be no more than ${length} characters`;

/** A message that ends with the rule's regular expression, and examples where there are any. */
export function patternMessage(rule: string, pattern: string, ...examples: string[]): string {
  if (examples.length === 0) return `${rule} (regex used for validation is '${pattern}')`;
  return `${rule} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${pattern}')`;
}

const byteLength = (text: string): number => Buffer.byteLength(text);
const tooLongFor = (text: string, length: number): string[] => (byteLength(text) > length ? [`must be no more than ${length} bytes`] : []);
const tooManyCharacters = (text: string, length: number): string[] => (text.length > length ? [maxLengthMessage(length)] : []);

export function dns1123LabelErrors(name: string): string[] {
  const errors = tooManyCharacters(name, 63);
  if (patterns.label1123.test(name)) return errors;
  if (patterns.subdomain1123.test(name)) return [...errors, 'must not contain dots'];
  const rule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...errors, patternMessage(rule, label1123, 'my-name', '123-abc')];
}

export function dns1123SubdomainErrors(name: string): string[] {
  const errors = tooManyCharacters(name, 253);
  if (patterns.subdomain1123.test(name)) return errors;
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return [...errors, patternMessage(rule, subdomain1123, 'example.com')];
}

export function dns1035LabelErrors(name: string): string[] {
  const errors = tooManyCharacters(name, 63);
  if (patterns.label1035.test(name)) return errors;
  const rule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
  return [...errors, patternMessage(rule, label1035, 'my-name', 'abc-123')];
}

export function wildcardSubdomainErrors(name: string): string[] {
  const errors = tooManyCharacters(name, 253);
  if (patterns.wildcardSubdomain.test(name)) return errors;
  const rule =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
  return [...errors, patternMessage(rule, wildcardSubdomain, '*.example.com')];
}

/** Label keys, annotation keys, finalizers, resource names: an optional DNS prefix, a slash, a name. */
export function qualifiedNameErrors(key: string): string[] {
  const parts = key.split('/');
  if (parts.length > 2) {
    const rule = patternMessage(`a valid label key ${nameRule}`, qualifiedName, ...nameExamples);
    return [`${rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const name = parts.at(-1) ?? '';
  const errors: string[] = [];
  if (parts.length === 2) {
    const prefix = parts[0]!;
    if (prefix === '') errors.push(`prefix part ${emptyMessage}`);
    else errors.push(...prefixErrors(prefix).map((message) => `prefix part ${message}`));
  }
  if (name === '') errors.push(`name part ${emptyMessage}`);
  else errors.push(...tooLongFor(name, 63).map((message) => `name part ${message}`));
  if (!patterns.qualifiedName.test(name)) errors.push(`name part ${patternMessage(nameRule, qualifiedName, ...nameExamples)}`);
  return errors;
}

/** The prefix of a key is counted in bytes, a name in characters. */
const prefixErrors = (prefix: string): string[] => [
  ...tooLongFor(prefix, 253),
  ...dns1123SubdomainErrors(prefix).filter((message) => message !== maxLengthMessage(253)),
];

export function labelValueErrors(value: string): string[] {
  const errors = tooLongFor(value, 63);
  if (patterns.labelValue.test(value)) return errors;
  const rule = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`;
  return [...errors, patternMessage(rule, labelValue, 'MyValue', 'my_value', '12345')];
}

export function cIdentifierErrors(name: string): string[] {
  if (patterns.cIdentifier.test(name)) return [];
  const rule = "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'";
  return [patternMessage(rule, cIdentifier, 'my_name', 'MY_NAME', 'MyName')];
}

const parentDirectoryErrors = (name: string): string[] => {
  if (name === '.') return ["must not be '.'"];
  if (name === '..') return ["must not be '..'"];
  return name.startsWith('..') ? ["must not start with '..'"] : [];
};

export function strictEnvVarNameErrors(name: string): string[] {
  const rule = "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit";
  const errors = patterns.envVarName.test(name) ? [] : [patternMessage(rule, envVarName, 'my.env-name', 'MY_ENV.NAME', 'MyEnvName1')];
  return [...errors, ...parentDirectoryErrors(name)];
}

/** Names of environment variables: any printable ASCII but `=`. */
export function envVarNameErrors(name: string): string[] {
  const errors = name === '' ? [`environment variable name ${emptyMessage}`] : [];
  const printable = /^[\x20-\x3c\x3e-\x7e]*$/.test(name);
  return printable ? errors : [...errors, "a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** Keys of ConfigMaps and Secrets. */
export function configMapKeyErrors(key: string): string[] {
  const errors = tooManyCharacters(key, 253);
  const rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
  if (!patterns.configMapKey.test(key)) errors.push(patternMessage(rule, configMapKey, 'key.name', 'KEY_NAME', 'key-name'));
  return [...errors, ...parentDirectoryErrors(key)];
}

export function httpHeaderNameErrors(name: string): string[] {
  if (patterns.httpHeader.test(name)) return [];
  return [patternMessage("a valid HTTP header must consist of alphanumeric characters or '-'", httpHeader, 'X-Header-Name')];
}

export function percentErrors(text: string): string[] {
  if (patterns.percent.test(text)) return [];
  return [patternMessage("a valid percent string must be a numeric string followed by an ending '%'", percent, '1%', '93%')];
}

/** Names that appear as a path segment of URLs, such as those of RBAC objects. */
export function pathSegmentErrors(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
}

export const inRange = (value: number, low: number, high: number): string[] => (value >= low && value <= high ? [] : [rangeMessage(low, high)]);
export const portNumberErrors = (port: number): string[] => inRange(port, 1, 65535);
export const userIdErrors = (id: number): string[] => inRange(id, 0, 2 ** 31 - 1);

export function portNameErrors(name: string): string[] {
  const errors = tooManyCharacters(name, 15);
  if (!/^[-a-z0-9]+$/.test(name)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) errors.push('must contain at least one letter (a-z)');
  if (name.includes('--')) errors.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}
