import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ERROR_CODES } from '../src/errors.ts';
import { EVENT_CATALOGUE } from '../src/events/catalogue.ts';
import { HTTP_ERROR_CODES } from '../src/http/problem.ts';
import { readDocComments } from './doc-comments.ts';
import { fieldRows } from './field-rows.ts';
import { GENERATED_FILES } from './generated.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('the documentation', () => {
  it.each(GENERATED_FILES)('$path says what the schemas say', ({ path, make }) => {
    const present = read(path);
    expect(present, 'run npm run docs:events').toBe(make(present));
  });

  it('shows the fields of every event, and those of a requested clip', () => {
    const page = read('docs/events.md');
    const fields = EVENT_CATALOGUE.flatMap(({ schema }) => fieldRows(schema));
    for (const { path } of fields) expect(page).toContain(`\`${path}\``);
    expect(page).toContain('| `clips[].segments[].startTime` | string or number | yes |');
  });

  it('explains every error code, once', () => {
    const explained = [...read('docs/errors.md').matchAll(/^\| `([A-Z_]+)` \|/gm)];
    const codes = [...ERROR_CODES, ...HTTP_ERROR_CODES];
    expect(explained.map(([, code]) => code).sort()).toEqual(codes.sort());
  });
});

describe('fieldRows', () => {
  it('goes into objects and lists', () => {
    const schema = z.object({
      name: z.string(),
      places: z.array(z.object({ x: z.int().positive() })).optional(),
      kind: z.enum(['a', 'b']).default('a'),
    });
    expect(fieldRows(schema)).toEqual([
      { path: 'name', type: 'string', required: true },
      { path: 'places', type: 'list', required: false },
      { path: 'places[].x', type: 'integer > 0', required: true },
      { path: 'kind', type: '`"a"` or `"b"`', required: false, default: 'a' },
    ]);
  });
});

describe('readDocComments', () => {
  it('finds them on fields, and on the schemas that fields name', () => {
    const source = `
      /** A place\n       * in {@link Space}. */
      const placeSchema = z.object({
        /** Metres. */
        x: z.number(),
      });
      const schema = z.object({ from: placeSchema, y: z.number() });`;
    expect(Object.fromEntries(readDocComments([source]))).toEqual({
      placeSchema: 'A place in `Space`.',
      x: 'Metres.',
      from: 'A place in `Space`.',
    });
  });
});
