// Loaded into a server under test: ends it when something has been added to the prototypes that all objects share.
const prototypes = { Object: Object.prototype, Array: Array.prototype, String: String.prototype, Function: Function.prototype, Map: Map.prototype };
const namesOf = () =>
  Object.entries(prototypes)
    .flatMap(([type, prototype]) => Object.getOwnPropertyNames(prototype).map((name) => `${type}.${name}`))
    .join();
const pristine = namesOf();

setInterval(() => {
  if (namesOf() === pristine) return;
  process.stderr.write('PROTOTYPE POLLUTED\n');
  process.exit(97);
}, 100).unref();
