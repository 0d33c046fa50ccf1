import { isLeaf, type LeafTest, leafTest, RESERVED_NAMES } from './operators.ts';
import { PatternError } from './pattern-error.ts';

/** What one field must fulfil: any of the tests, or, where that is asked for, its absence. */
export interface FieldCondition {
  /** Field names from the top of the event, joined by dots. */
  readonly path: string;
  readonly tests: readonly LeafTest[];
  readonly mayBeAbsent: boolean;
}

/** A compiled pattern: an event matches if it fulfils every condition of at least one branch. */
export type EventPattern = readonly (readonly FieldCondition[])[];

type Branch = ReadonlyMap<string, FieldCondition>;
type JsonObject = Record<string, unknown>;

/** EventBridge's own limit on what the `$or`s of one pattern may multiply out to. */
const MAXIMUM_BRANCHES = 1000;

/**
 * Compiles an event pattern, given as the JSON text of the API or already parsed.
 * @throws PatternError if EventBridge would refuse the pattern
 */
export function compilePattern(pattern: string | object): EventPattern {
  const parsed = typeof pattern === 'string' ? parseJson(pattern) : pattern;
  if (!isObject(parsed)) throw new PatternError('Filter is not an object');
  return (
    branchesOf(parsed, [], false)
      // Sorted as aws/event-ruler does: an absence is judged by the array elements chosen for the names before it.
      .map((branch) => [...branch.values()].sort((a, b) => (a.path < b.path ? -1 : 1)))
  );
}

function branchesOf(object: JsonObject, path: readonly string[], insideOr: boolean): Branch[] {
  const entries = Object.entries(object);
  if (entries.length === 0) throw new PatternError('Empty objects are not allowed');
  return entries
    .map(([name, value]) => branchesOfField(name, value, path, insideOr))
    .reduce(bothOf, [new Map()]);
}

function branchesOfField(
  name: string,
  value: unknown,
  path: readonly string[],
  insideOr: boolean,
): Branch[] {
  if (name === '$or') return alternatives(value, path);
  if (insideOr && RESERVED_NAMES.has(name)) {
    throw new PatternError(`${name} is a reserved field name which cannot be used inside $or.`);
  }
  const fieldPath = [...path, name];
  if (isObject(value)) return branchesOf(value, fieldPath, insideOr);
  if (!Array.isArray(value)) throw new PatternError(`"${name}" must be an object or an array`);
  const condition = conditionOf(fieldPath.join('.'), value);
  return [new Map([[condition.path, condition]])];
}

function alternatives(value: unknown, path: readonly string[]): Branch[] {
  if (!Array.isArray(value)) throw new PatternError('It must be an Array followed with $or.');
  if (value.length < 2)
    throw new PatternError('There must have at least 2 Objects in $or relationship.');
  return value.flatMap((alternative) => {
    if (!isObject(alternative)) {
      throw new PatternError('Only JSON object is allowed in array of $or relationship.');
    }
    return branchesOf(alternative, path, true);
  });
}

function conditionOf(path: string, values: readonly unknown[]): FieldCondition {
  if (values.length === 0) throw new PatternError(`Empty arrays are not allowed: "${path}"`);
  const present = values.filter((value) => !isAbsence(value));
  return { path, tests: present.map(leafTest), mayBeAbsent: present.length < values.length };
}

function isAbsence(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 1 && value.exists === false;
}

/** "This and that", multiplied out over the branches of both. */
function bothOf(these: Branch[], those: Branch[]): Branch[] {
  if (these.length * those.length > MAXIMUM_BRANCHES) {
    throw new PatternError(`The $or combinations of a pattern may not exceed ${MAXIMUM_BRANCHES}`);
  }
  return these.flatMap((one) => those.map((other) => merge(one, other)));
}

function merge(one: Branch, other: Branch): Branch {
  for (const path of other.keys()) {
    if (one.has(path)) throw new PatternError(`Path \`${path}\` cannot be allowed multiple times`);
  }
  return new Map([...one, ...other]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PatternError(
      `The pattern is not JSON: ${cause instanceof Error ? cause.message : cause}`,
    );
  }
}

function isObject(value: unknown): value is JsonObject {
  return !isLeaf(value) && !Array.isArray(value) && value !== undefined;
}
