import type { EventPattern, FieldCondition } from './compile.ts';
import { isLeaf, type Leaf } from './operators.ts';

/**
 * In which element of which array something lies, and where that array lies. Arrays are numbered as they are
 * met in the event. Undefined: in no array.
 */
type Place = { readonly array: number; readonly index: number; readonly around: Place } | undefined;

/** A value of a field, and the array element it is in. */
interface Occurrence {
  readonly value: Leaf;
  readonly place: Place;
}

type Chosen = ReadonlyMap<number, number>;

/**
 * Whether the event, which must be a JSON object, fulfils the pattern.
 *
 * Arrays are looked through: a field inside one has as many values as the array has elements with that field.
 * But all values that fulfil a branch must lie in the same element of every array they share, so
 * `{speaker: ["Anna"], text: ["Hello"]}` does not match an event in which Anna says something
 * and someone else says hello. This is what aws/event-ruler calls array consistency.
 */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  if (isLeaf(event) || Array.isArray(event)) return false;
  const fields = fieldsOf(event as object);
  return pattern.some((conditions) => {
    const options = conditions.map((condition) => optionsFor(condition, fields));
    // Most events fail here, before any search.
    return options.every(isPossible) && isConsistent(options, 0, new Map());
  });
}

/** How one condition may be fulfilled. */
interface Options {
  /** Where the values lie that pass, each place once. */
  readonly passing: ReadonlySet<Place>;
  /** Where any values of the field lie, if its absence would do. */
  readonly present: ReadonlySet<Place> | undefined;
}

function optionsFor(condition: FieldCondition, fields: Map<string, Occurrence[]>): Options {
  const occurrences = fields.get(condition.path) ?? [];
  const passing = occurrences.filter(({ value }) => condition.tests.some((test) => test(value)));
  return {
    passing: placesOf(passing),
    present: condition.mayBeAbsent ? placesOf(occurrences) : undefined,
  };
}

function placesOf(occurrences: readonly Occurrence[]): ReadonlySet<Place> {
  return new Set(occurrences.map(({ place }) => place));
}

function isPossible({ passing, present }: Options): boolean {
  return passing.size > 0 || present !== undefined;
}

function isConsistent(options: readonly Options[], at: number, chosen: Chosen): boolean {
  const option = options[at];
  if (!option) return true;
  const isAbsent = option.present && ![...option.present].some((place) => join(chosen, place));
  if (isAbsent && isConsistent(options, at + 1, chosen)) return true;
  return [...option.passing].some((place) => {
    const joined = join(chosen, place);
    return joined !== undefined && isConsistent(options, at + 1, joined);
  });
}

/** The elements chosen so far with these added; undefined if another element of one array was chosen before. */
function join(chosen: Chosen, place: Place): Chosen | undefined {
  const joined = new Map(chosen);
  for (let at = place; at; at = at.around) {
    if ((joined.get(at.array) ?? at.index) !== at.index) return undefined;
    joined.set(at.array, at.index);
  }
  return joined;
}

/** All leaves by path. Works through a list, not by recursion: an event may be nested deeper than the stack. */
function fieldsOf(event: object): Map<string, Occurrence[]> {
  const fields = new Map<string, Occurrence[]>();
  const open: { value: unknown; path: string; place: Place }[] = [];
  const openFields = (object: object, prefix: string, place: Place) => {
    for (const [name, value] of Object.entries(object)) {
      open.push({ value, path: `${prefix}${name}`, place });
    }
  };
  let arrays = 0;

  openFields(event, '', undefined);
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, path, place } = next;
    if (isLeaf(value)) {
      const occurrences = fields.get(path) ?? [];
      occurrences.push({ value, place });
      fields.set(path, occurrences);
    } else if (Array.isArray(value)) {
      const array = arrays++;
      for (const [index, element] of value.entries()) {
        // A leaf belongs to its field, not to an element: two lists of tags need not match at the same index.
        const inElement = isLeaf(element) ? place : { array, index, around: place };
        open.push({ value: element, path, place: inElement });
      }
    } else {
      openFields(value as object, `${path}.`, place);
    }
  }
  return fields;
}
