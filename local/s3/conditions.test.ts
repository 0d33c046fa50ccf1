import { describe, expect, it } from 'vitest';
import { testRead, writeCondition } from './conditions.ts';

const object = { etag: 'abc', lastModifiedMs: Date.parse('2026-01-02T03:04:05.678Z') };
const SAME_SECOND = 'Fri, 02 Jan 2026 03:04:05 GMT';
const BEFORE = 'Fri, 02 Jan 2026 03:04:04 GMT';

const headerOf = (headers: Record<string, string>) => (name: string) => headers[name];

describe('conditions of a read', () => {
  it.each([
    [{}, 'holds'],
    [{ 'if-match': '"abc"' }, 'holds'],
    [{ 'if-match': 'abc' }, 'holds'],
    [{ 'if-match': '"x", "abc"' }, 'holds'],
    [{ 'if-match': '*' }, 'holds'],
    [{ 'if-match': '"x"' }, 'failed'],
    [{ 'if-none-match': '"abc"' }, 'not modified'],
    [{ 'if-none-match': 'W/"abc"' }, 'not modified'],
    [{ 'if-none-match': '"x"' }, 'holds'],
    [{ 'if-modified-since': SAME_SECOND }, 'not modified'],
    [{ 'if-modified-since': BEFORE }, 'holds'],
    [{ 'if-modified-since': 'rubbish' }, 'holds'],
    [{ 'if-unmodified-since': SAME_SECOND }, 'holds'],
    [{ 'if-unmodified-since': BEFORE }, 'failed'],
    [{ 'if-match': '"abc"', 'if-unmodified-since': BEFORE }, 'holds'],
    [{ 'if-none-match': '"x"', 'if-modified-since': SAME_SECOND }, 'holds'],
  ])('%o %s', (headers: Record<string, string>, verdict) => {
    expect(testRead(headerOf(headers), object)).toBe(verdict);
  });
});

describe('conditions of a write', () => {
  it.each([
    [{ 'if-none-match': '*' }, object, 'PreconditionFailed'],
    [{ 'if-match': '"x"' }, object, 'PreconditionFailed'],
    [{ 'if-match': '"abc"' }, undefined, 'NoSuchKey'],
  ])('%o on %o is %s', (headers: Record<string, string>, existing, code) => {
    expect(() => writeCondition(headerOf(headers))(existing)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('lets through what holds', () => {
    writeCondition(headerOf({ 'if-none-match': '*' }))(undefined);
    writeCondition(headerOf({ 'if-match': '"abc"' }))(object);
    writeCondition(headerOf({}))(object);
  });

  it('knows no If-None-Match but *', () => {
    expect(() => writeCondition(headerOf({ 'if-none-match': '"abc"' }))).toThrow(
      expect.objectContaining({ code: 'NotImplemented' }),
    );
  });
});
