/** The parts of a JSON path: field names, array indices, `*` for every element or field. */
type Step = string | number | typeof EVERY;
const EVERY = Symbol('every element');

const STEP = /\.([\w\-/]+)|\[(\d+)\]|\.\*|\[\*\]/y;

/**
 * Reads a JSON path as EventBridge allows it: dot notation with array indices and wildcards,
 * `$.detail.clips[0].title`; no bracketed names, no filters.
 * @returns what takes the value out of an event (undefined: not there), or undefined if the path is malformed
 */
export function jsonPath(path: string): ((event: unknown) => unknown) | undefined {
  const steps = parse(path);
  if (!steps) return undefined;
  return (event) => {
    const found = steps.reduce<unknown[]>(
      (values, step) => values.flatMap((value) => walk(value, step)),
      [event],
    );
    return steps.includes(EVERY) ? found : found[0];
  };
}

function parse(path: string): Step[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: Step[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path);
    if (!match) return undefined;
    const [, name, index] = match;
    steps.push(name ?? (index === undefined ? EVERY : Number(index)));
  }
  return steps;
}

function walk(value: unknown, step: Step): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (step === EVERY) return Object.values(value);
  if (typeof step === 'number') return Array.isArray(value) && step in value ? [value[step]] : [];
  return Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : [];
}
