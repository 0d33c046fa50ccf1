import fc, { type JsonValue } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PermanentError } from '../errors.ts';
import { EVENT_CATALOGUE } from './catalogue.ts';
import { type BusEvent, parseEnvelope, parseEvent } from './define-event.ts';

const EVENTS = EVENT_CATALOGUE.map((event) => [event.detailType, event] as const);

/** @returns what the work throws: nothing, or an error that says which event is wrong, and where */
function refusalOf(work: () => unknown): PermanentError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(PermanentError);
    const refusal = error as PermanentError;
    expect(refusal.code).toBe('EVENT_INVALID');
    expect(refusal.message.length).toBeLessThan(1_000);
    return refusal;
  }
}

type Path = readonly (string | number)[];

/** Where in a value all its parts lie, its lists and objects included. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const parts = Object.entries(value).flatMap(([name, part]) =>
    pathsOf(part, [...path, Array.isArray(value) ? Number(name) : name]),
  );
  return [path, ...parts];
}

const partAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((part, name) => (part as Record<string | number, unknown>)[name], value);

/** A copy of the value with another part at the path. */
function withPart(value: unknown, [name, ...rest]: Path, part: unknown): unknown {
  if (name === undefined) return part;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[name] = withPart(copy[name], rest, part);
  return copy;
}

describe.each(EVENTS)('%s', (detailType, definition) => {
  const envelope = {
    id: '1',
    source: definition.source,
    'detail-type': detailType,
    time: '2026-03-01T12:00:00Z',
  };
  const parse = (detail: unknown) => parseEvent(definition, { ...envelope, detail });
  const paths = pathsOf(definition.example).slice(1);
  const objects = paths.filter((path) => {
    const part = partAt(definition.example, path);
    return typeof part === 'object' && !Array.isArray(part);
  });

  it('takes any JSON, or says what in it does not fit', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (detail) => {
        const refusal = refusalOf(() => parse(detail));
        if (refusal) expect(refusal.message).toMatch(`${detailType} does not fit: `);
      }),
    );
  });

  it('takes any JSON for one of its fields, or names that field', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }), (path, value) => {
        const refusal = refusalOf(() => parse(withPart(definition.example, path, value)));
        if (refusal) expect(refusal.message).toContain(`${detailType} does not fit: ${path[0]}`);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps what it does not know, in every one of its objects', () => {
    fc.assert(
      fc.property(fc.constantFrom([], ...objects), fc.jsonValue({ maxDepth: 3 }), (path, value) => {
        const unknown = withPart(definition.example, [...path, 'not-known-yet'], value);
        const detail = parse(unknown).detail;
        expect(partAt(detail, [...path, 'not-known-yet'])).toEqual(value);
      }),
    );
  });

  it('is not fooled by fields that every object inherits', () => {
    const fields = '"__proto__": {"tenantId": "rival", "polluted": 1}, "constructor": {"a": 1}';
    const text = JSON.stringify(definition.example).replace('{', `{${fields}, `);
    const { detail } = parse(JSON.parse(text)) as { detail: Record<string, unknown> };
    expect(detail.tenantId).toBe('acme');
    expect(detail.polluted).toBeUndefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    // What is inherited does not count as given.
    const inherited = Object.create(definition.example as object) as JsonValue;
    expect(refusalOf(() => parse(JSON.parse(JSON.stringify(inherited))))).toBeDefined();
  });
});

describe('the envelope', () => {
  const good: BusEvent = { id: '1', source: 's', 'detail-type': 't', time: 'now', detail: {} };

  it('is any JSON, or refused by its field', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (event) => {
        const refusal = refusalOf(() => parseEnvelope(event));
        expect(refusal?.message).toMatch(/^The event does not fit: /);
      }),
    );
    const names = ['id', 'source', 'detail-type', 'time', 'replay-name'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.jsonValue(), (name, value) => {
        const refusal = refusalOf(() => parseEnvelope({ ...good, [name]: value }));
        if (refusal) expect(refusal.message).toContain(`The event does not fit: ${name}: `);
        else expect(value).toMatch(/./s);
      }),
    );
  });
});
