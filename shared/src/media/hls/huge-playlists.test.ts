import { describe, expect, it } from 'vitest';
import { readHostile } from './hostile-playlist.fixture.ts';
import type { TrackPlaylist } from './media-playlist.ts';

/** Long enough for the largest playlist on a busy machine; work that grows by the square takes hours. */
const PATIENCE_MS = 50_000;

describe('a playlist of any size is read or refused in time', () => {
  const MEGABYTE = 1024 * 1024;
  const media = (...lines: string[]) => ['#EXTM3U', '#EXT-X-TARGETDURATION:6', ...lines].join('\n');
  const CHUNK = '#EXTINF:6,\na.ts\n';

  it.each<[string, () => string]>([
    ['a URI of 10 MB', () => media('#EXTINF:6,', 'a'.repeat(10 * MEGABYTE))],
    [
      'a URI of detours',
      () => media('#EXTINF:6,', `${'a/'.repeat(MEGABYTE)}${'b/../'.repeat(MEGABYTE)}x`),
    ],
    ['a URI with a query of 10 MB', () => media('#EXTINF:6,', `a.ts${'?'.repeat(10 * MEGABYTE)}`)],
    ['a duration of 10 MB', () => media(`#EXTINF:${'1'.repeat(10 * MEGABYTE)}`, 'a.ts')],
    ['a title of 10 MB', () => media(`#EXTINF:6,${'ä'.repeat(10 * MEGABYTE)}`, 'a.ts')],
    ['10 MB of attributes', () => media(`#EXT-X-KEY:${'a=b,'.repeat(2.5 * MEGABYTE)}`, CHUNK)],
    ['10 MB of commas', () => media(`#EXT-X-KEY:METHOD=NONE${','.repeat(10 * MEGABYTE)}`, CHUNK)],
    ['10 MB of quotes', () => media(`#EXT-X-MAP:URI="${'"\''.repeat(5 * MEGABYTE)}`, CHUNK)],
    ['a method of 10 MB', () => media(`#EXT-X-KEY:METHOD=${'A'.repeat(10 * MEGABYTE)}`, CHUNK)],
    [
      'a vector of 10 MB',
      () => media(`#EXT-X-KEY:METHOD=AES-128,IV=0x${'a'.repeat(10 * MEGABYTE)}`, CHUNK),
    ],
    ['a comment of 10 MB', () => media(`#${' '.repeat(10 * MEGABYTE)}`, CHUNK)],
    ['10 MB of blanks', () => ' '.repeat(10 * MEGABYTE)],
    ['10 MB of carriage returns', () => '\r'.repeat(10 * MEGABYTE)],
    ['10 MB of other line ends', () => '\u2028\u2029\u0085'.repeat(3 * MEGABYTE)],
    ['10 MB of line ends', () => '\n'.repeat(10 * MEGABYTE)],
    [
      'a variant with 10 MB of codecs',
      () => `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="${'mp4a,'.repeat(2 * MEGABYTE)}"\nv`,
    ],
    [
      'a thousand lines of renditions',
      () =>
        `#EXTM3U\n${'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a"\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nv\n'.repeat(330)}`,
    ],
    ['a million chunks', () => media(CHUNK.repeat(1_000_000))],
    ['700,000 discontinuities', () => media('#EXT-X-DISCONTINUITY\n'.repeat(700_000), CHUNK)],
    [
      '100,000 runs',
      () => media('#EXT-X-DISCONTINUITY\n#EXT-X-BYTERANGE:1@0\n#EXTINF:1,\na\n'.repeat(100_000)),
    ],
    [
      '100,000 keys',
      () => media('#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:1,\na\n'.repeat(100_000)),
    ],
  ])(
    '%s',
    (_, make) => {
      readHostile(make());
    },
    PATIENCE_MS,
  );

  it(
    'as many chunks as a million lines hold are read, each',
    () => {
      const playlist = readHostile(media('#EXTINF:6,\na.ts\n'.repeat(499_990))) as TrackPlaylist;
      expect(playlist.chunks).toHaveLength(499_990);
      expect(playlist.chunks.at(-1)).toMatchObject({ startUs: 499_989 * 6_000_000 });
    },
    PATIENCE_MS,
  );

  it('more are refused, by the limit', () => {
    expect(readHostile(media(CHUNK.repeat(1_000_000)))).toMatchObject({
      code: 'PLAYLIST_INVALID',
      message: expect.stringContaining('more than 1000000 lines'),
    });
  });

  it.each([
    ['1e308', 'never ends'],
    ['9007199254', 'never ends'],
    ['0.0000001', 'has no duration'],
    ['-6', 'has no duration'],
  ])('chunks of %s seconds are refused', (seconds, says) => {
    expect(readHostile(media(`#EXTINF:${seconds},\na.ts\n#EXTINF:6,\nb.ts`))).toMatchObject({
      code: 'PLAYLIST_INVALID',
      message: expect.stringContaining(says),
    });
  });
});
