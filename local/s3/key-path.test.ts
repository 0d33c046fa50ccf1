import { resolve, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folderOfPrefix, keyToPath, pathToKey } from './key-path.ts';

/** Keys of what could go wrong: separators, dots, escapes, device names, long names, any Unicode. */
const name = fc.oneof(
  fc.constantFrom('', '.', '..', '...', 'a', 'a.b', 'con', 'NUL.txt', '%2e%2e', '%_', '%+', '%'),
  fc.constantFrom('a%', 'a ', ' ', '\0', '\\', 'c:', '😀'.repeat(60), 'x'.repeat(201), '.meta'),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: 'binary', minLength: 190, maxLength: 220 }),
);
const key = fc
  .array(name, { minLength: 1, maxLength: 6 })
  .map((names) => names.join('/'))
  .filter((text) => text !== '' && Buffer.byteLength(text) <= 1024);

describe('key to path', () => {
  it.each([
    ['ep1/tracks/main/0.ts', 'ep1/tracks/main/0.ts'],
    ['audio_clips/Ep 1/0-5000.mp3', 'audio_clips/Ep 1/0-5000.mp3'],
    ['épisode/ünï.mp4', 'épisode/ünï.mp4'],
    ['a', 'a%'],
    ['a/b', 'a/b%'],
    ['v1.2/clip.mp4', 'v1.2%/clip.mp4'],
    ['folder/', 'folder/%_%'],
    ['/a//b.ts', '%_/a/%_/b.ts'],
    ['../../etc/passwd', '.%2E%/.%2E%/etc/passwd%'],
    ['%2e%2e/x.ts', '%252e%252e/x.ts'],
    ['con/nul.txt', '%63on/%6Eul.txt'],
    ['a:b\\c\0.ts', 'a%3Ab%5Cc%00.ts'],
    ['end./x.ts', 'end%2E/x.ts'],
  ])('stores %j at %j', (text, path) => {
    expect(keyToPath(text)).toBe(path);
  });

  it('finds every key again from its path', () => {
    fc.assert(
      fc.property(key, (text) => {
        expect(pathToKey(keyToPath(text))).toBe(text);
      }),
    );
  });

  it('never leaves the folder, nor names what a file system cannot hold', () => {
    const root = resolve('/bucket');
    fc.assert(
      fc.property(key, (text) => {
        const path = keyToPath(text);
        expect(resolve(root, path).startsWith(root + sep)).toBe(true);
        for (const part of path.split('/')) {
          expect(Buffer.byteLength(part)).toBeLessThanOrEqual(255);
          expect(part).not.toMatch(/^$|^\.\.?$|[. ]$|[\\:*?"<>|]|\p{Cc}/u);
        }
      }),
    );
  });

  it('gives two keys no common file, and no file where another key needs a folder', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        fc.pre(a !== b);
        const [one, other] = [keyToPath(a), keyToPath(b)];
        expect(one).not.toBe(other);
        expect(one.startsWith(`${other}/`) || other.startsWith(`${one}/`)).toBe(false);
      }),
    );
  });

  it('lets a key be the prefix of others', () => {
    fc.assert(
      fc.property(key, name, (text, rest) => {
        expect(keyToPath(`${text}/${rest}`).startsWith(`${keyToPath(text)}/`)).toBe(false);
      }),
    );
  });

  it('knows the folder of a prefix', () => {
    fc.assert(
      fc.property(key, fc.nat(), (text, cut) => {
        const folder = folderOfPrefix(text.slice(0, cut % text.length));
        if (folder !== '') expect(keyToPath(text).startsWith(`${folder}/`)).toBe(true);
      }),
    );
  });

  it.each(['a', 'x.ts%', '%2e.ts', '%zz.ts', 'a.b/c.ts', '%41.ts'])(
    'takes %j for no key',
    (path) => {
      expect(pathToKey(path)).toBeUndefined();
    },
  );
});
