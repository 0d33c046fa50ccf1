/**
 * Keys as paths, and back.
 *
 * `ep1/tracks/main/0.ts` is stored at `ep1/tracks/main/0.ts`. What a file system could mistake is
 * escaped, so that every key has one path of its own below the bucket's folder:
 *
 * | in the key                                    | on disk                                      |
 * |-----------------------------------------------|----------------------------------------------|
 * | `%` `\` `:` `*` `?` `"` `<` `>` `|`, controls | `%XX` per UTF-8 byte                         |
 * | `.` or space at the end of a name (`..`)      | `%2E`, `%20` (`.%2E`)                        |
 * | Windows' device names (`con`, `nul.txt`)      | first letter escaped (`%63on`)               |
 * | an empty name (`a//b`, `/a`, `a/`)            | `%_`                                         |
 * | a name beyond 200 bytes                       | folders whose names end in `%+`, then the rest |
 * | a file without a dot, a folder with one       | a `%` behind it: `README%`, `v1.2%/0.ts`     |
 *
 * The last rule lets the keys `a` and `a/b` exist together: a name with a dot is expected to be
 * a file, one without to be a folder, and what is against expectation is marked. So no name can
 * be both, whatever else the bucket holds.
 */

const AGAINST_EXPECTATION = '%';
const CONTINUED = '%+';
const EMPTY_NAME = '%_';
const MAX_NAME_BYTES = 200;

const HOSTILE = /[%\\:*?"<>|]|\p{Cc}/u;
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\.|$)/iu;

/** The path of a key, relative to its bucket's folder, with `/` between names. Never leaves it. */
export function keyToPath(key: string): string {
  const names = key.split('/');
  return names.map((name, index) => pathOfName(name, index === names.length - 1)).join('/');
}

/** The key stored at a path; undefined for a path that is no key's (a file put there by others). */
export function pathToKey(path: string): string | undefined {
  const names = path.replaceAll(`${CONTINUED}/`, '').split('/');
  try {
    const key = names.map(nameOfPath).join('/');
    return keyToPath(key) === path ? key : undefined;
  } catch {
    return undefined; // not percent-encoded UTF-8
  }
}

/** The folder, relative to the bucket's, that holds every key with this prefix. */
export function folderOfPrefix(prefix: string): string {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  return keyToPath(`${folder}x`).split('/').slice(0, -1).join('/');
}

function pathOfName(name: string, isFile: boolean): string {
  const characters = name === '' ? [EMPTY_NAME] : escapeName(name);
  const pieces: string[] = [];
  let piece = '';
  for (const character of characters) {
    if (Buffer.byteLength(piece + character) > MAX_NAME_BYTES) {
      pieces.push(piece + CONTINUED);
      piece = '';
    }
    piece += character;
  }
  const asExpected = characters.includes('.') === isFile;
  return [...pieces, asExpected ? piece : piece + AGAINST_EXPECTATION].join('/');
}

function escapeName(name: string): string[] {
  const characters = [...name];
  return characters.map((character, index) => {
    const hostile =
      HOSTILE.test(character) ||
      (index === characters.length - 1 && (character === '.' || character === ' ')) ||
      (index === 0 && WINDOWS_DEVICE.test(name));
    return hostile ? percentEncode(character) : character;
  });
}

function percentEncode(character: string): string {
  return [...Buffer.from(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

function nameOfPath(name: string): string {
  const unmarked = name.endsWith(AGAINST_EXPECTATION) ? name.slice(0, -1) : name;
  return unmarked === EMPTY_NAME ? '' : decodeURIComponent(unmarked);
}
