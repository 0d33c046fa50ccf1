import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PermanentError } from '../../errors.ts';
import { resolveKey } from './resolve-key.ts';

const FOLDER = 'ep1/tracks/main/';
const resolve = (uri: string) => resolveKey(uri, `${FOLDER}hls/index.m3u8`, FOLDER);

describe('resolveKey', () => {
  it.each([
    ['a.ts', 'hls/a.ts'],
    ['./a.ts', 'hls/a.ts'],
    ['../a.ts', 'a.ts'],
    ['sub/b%20b.ts', 'hls/sub/b b.ts'],
    ['a.ts?token=1#t', 'hls/a.ts'],
    ['folge-é.ts', 'hls/folge-é.ts'],
    ['a%252e%252e/b.ts', 'hls/a%2e%2e/b.ts'],
  ])('takes %s for a key below the folder', (uri, key) => {
    expect(resolve(uri)).toBe(FOLDER + key);
  });

  it.each([
    ['nothing', ''],
    ['only a query', '?a=b'],
    ['the folder itself', '../'],
    ['a folder', 'sub/'],
    ['another track', '../../other/a.ts'],
    ['another track in disguise', '%2e%2e/%2e%2e/other/a.ts'],
    ['a folder that begins alike', '../../main2/a.ts'],
    ['an absolute path', '/etc/passwd'],
    ['an absolute path in disguise', '%2Fetc/passwd'],
    ['another host', 'https://elsewhere.example/a.ts'],
    ['another host in disguise', 'https%3A//elsewhere.example/a.ts'],
    ['a host without scheme', '//elsewhere.example/a.ts'],
    ['data in the URI', 'data:text/plain;base64,AAAA'],
    ["FFmpeg's concat protocol", 'concat:a.ts|b.ts'],
    ['a null byte', 'a%00.ts'],
    ['a line break', 'a%0a.ts'],
    ['a backslash', '..\\a.ts'],
    ['broken percent-encoding', 'a%zz.ts'],
  ])('refuses %s', (_, uri) => {
    expect(() => resolve(uri)).toThrow(expect.objectContaining({ code: 'PLAYLIST_INVALID' }));
  });

  it('never leaves the folder, whatever the URI', () => {
    const piece = fc.oneof(
      fc.constantFrom('..', '.', '/', '\\', '%2e', '%2F', '%5c', '%00', '%', ':', 'a', 'ep1', '?'),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    );
    const uris = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(uris, (uri) => {
        let key: string;
        try {
          key = resolve(uri);
        } catch (error) {
          expect(error).toBeInstanceOf(PermanentError);
          return;
        }
        expect(key.startsWith(FOLDER)).toBe(true);
        expect(key.length).toBeGreaterThan(FOLDER.length);
        expect(key.split('/')).not.toContain('..');
        expect(key).not.toMatch(/[\\\p{Cc}]/u);
      }),
      { numRuns: 2_000 },
    );
  });
});
