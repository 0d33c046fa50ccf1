import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PermanentError } from '../../errors.ts';
import { expectSane, readHostile } from './hostile-playlist.fixture.ts';
import type { Rendition } from './master-playlist.ts';
import type { TrackPlaylist } from './media-playlist.ts';

/** A URI may be text of any kind, mostly of the kind that means something. */
const uri = fc.oneof(
  fc.constantFrom('a.ts', 'sub/b.m4s', '../c.ts', 'index.m3u8', '', "it's", 'ä€😀.ts', '%61.ts'),
  fc.constantFrom(
    '../../x',
    '/x',
    '//host/x',
    'http://h/x',
    'file:///x',
    'data:,x',
    '%2e%2e/%2e%2e/x',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

const number = fc.oneof(
  fc.constantFrom('0', '-1', '6', '6.006', '1e9', '1e308', '9007199254740993', '', 'x', '0x10'),
  fc.constantFrom('NaN', 'Infinity', '-Infinity', '1e-9', '18446744073709551616'),
);

const attributes = fc
  .array(
    fc.oneof(
      fc.tuple(fc.constantFrom('URI', 'AUDIO', 'GROUP-ID', 'NAME', 'CODECS'), uri).map(quoted),
      fc
        .tuple(fc.constantFrom('BANDWIDTH', 'RESOLUTION', 'SKIPPED-SEGMENTS'), number)
        .map(([name, value]) => `${name}=${value}`),
      fc
        .tuple(fc.constant('BYTERANGE'), number, number)
        .map(([name, a, b]) => `${name}="${a}@${b}"`),
      fc.constantFrom('METHOD=AES-128', 'METHOD=NONE', 'METHOD=SAMPLE-AES', 'METHOD', 'IV=0x1234'),
      fc.constantFrom(
        'TYPE=AUDIO',
        'TYPE=CONSTRUCTOR',
        '__proto__=1',
        'DEFAULT=YES',
        '"',
        '=',
        ',',
      ),
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(','));

function quoted([name, value]: [string, string]): string {
  return `${name}="${value}"`;
}

const line = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(number, uri).map(([n, u]) => `#EXTINF:${n},\n${u}`) },
  { weight: 2, arbitrary: uri.map((u) => `#EXTINF:6,\n${u}`) },
  fc.tuple(number, number, uri).map(([l, o, u]) => `#EXT-X-BYTERANGE:${l}@${o}\n#EXTINF:6,\n${u}`),
  fc
    .tuple(
      fc.constantFrom('KEY', 'MAP', 'STREAM-INF', 'MEDIA', 'SKIP', 'DEFINE', 'PART'),
      attributes,
    )
    .map(([name, list]) => `#EXT-X-${name}:${list}`),
  fc
    .tuple(fc.constantFrom('TARGETDURATION', 'MEDIA-SEQUENCE', 'VERSION', 'PLAYLIST-TYPE'), number)
    .map(([name, n]) => `#EXT-X-${name}:${n}`),
  fc.constantFrom('#EXT-X-DISCONTINUITY', '#EXT-X-GAP', '#EXT-X-ENDLIST', '#EXT-X-I-FRAMES-ONLY'),
  uri,
);

describe('any playlist', () => {
  it('is read or refused, whatever tags it is made of', () => {
    let understood = 0;
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const result = readHostile(['#EXTM3U', '#EXT-X-TARGETDURATION:6', ...lines].join('\n'));
        if (result instanceof PermanentError) return;
        understood++;
        expectSane(result);
      }),
      { numRuns: 1_500 },
    );
    expect(understood).toBeGreaterThan(50);
  });

  const GOOD = [
    [
      '#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:7',
      '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x000102030405060708090a0b0c0d0e0f',
      '#EXT-X-MAP:URI="i.mp4",BYTERANGE="100@0"\n#EXTINF:6.006,\n#EXT-X-BYTERANGE:900@100\na.mp4',
      '#EXTINF:6,\n#EXT-X-BYTERANGE:800\na.mp4\n#EXT-X-DISCONTINUITY\n#EXT-X-GAP\n#EXTINF:2,\nb.mp4',
      '#EXT-X-ENDLIST',
    ].join('\n'),
    [
      '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",DEFAULT=YES,URI="en.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=640x360,CODECS="avc1.4d401e",AUDIO="a"\nlow.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=5000000,RESOLUTION=1920x1080,AUDIO="a"\nhigh.m3u8',
    ].join('\n'),
  ];
  const change = fc.tuple(
    fc.nat(),
    fc.nat(6),
    fc.oneof(uri, number, fc.constantFrom('\n', '\r', '"', ',', '#', '\u2028', '\uFEFF')),
  );

  it.each(GOOD)('is read or refused, whatever in it changes: %#', (text) => {
    expectSane(readHostile(text) as TrackPlaylist | Rendition);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = changes.reduce((all, [place, removed, put]) => {
          const at = place % (all.length + 1);
          return all.slice(0, at) + put + all.slice(at + removed);
        }, text);
        const result = readHostile(changed);
        if (!(result instanceof PermanentError)) expectSane(result);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is read or refused, whatever text it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        for (const all of [text, `#EXTM3U\n${text}`]) readHostile(all);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a URI that leads elsewhere', () => {
  const TRICKS = [
    '../../other/a.ts',
    '%2e%2e/%2e%2e/other/a.ts',
    '..%2f..%2fother%2fa.ts',
    '....//../../../a.ts',
    '../../../ep2/tracks/main/a.ts',
    '/etc/passwd',
    '//169.254.169.254/latest/meta-data',
    '\\\\host\\share\\a.ts',
    'http://169.254.169.254/latest/meta-data',
    'HTTPS://host/a.ts',
    'file:///etc/passwd',
    'file:/etc/passwd',
    'concat:a.ts|/etc/passwd',
    'concatf:list',
    'subfile,,start,0,end,9,,:/etc/passwd',
    'data:video/mp2t;base64,RwAA',
    'crypto:a.ts',
    'crypto+http://host/a.ts',
    'pipe:0',
    'fd:0',
    'tcp://host:80',
    's3://bucket/a.ts',
    'javascript:alert(1)',
    'a%00.ts',
    'a\u0000.ts',
    'a%0d%0aHost:x',
  ];
  const TAGS: [where: string, playlist: (uri: string) => string][] = [
    ['a chunk', (uri) => `#EXTINF:6,\n${uri}`],
    ['an EXT-X-MAP', (uri) => `#EXT-X-MAP:URI="${uri}"\n#EXTINF:6,\na.m4s`],
    ['an EXT-X-KEY', (uri) => `#EXT-X-KEY:METHOD=AES-128,URI="${uri}"\n#EXTINF:6,\na.ts`],
    ['a variant', (uri) => `#EXT-X-STREAM-INF:BANDWIDTH=1\n${uri}`],
    [
      'a rendition of sound',
      (uri) =>
        `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="${uri}"\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nv.m3u8`,
    ],
  ];

  describe.each(TAGS)('of %s', (_, playlist) => {
    it.each(TRICKS)('%j is refused, or a plain name within the folder', (uri) => {
      const isMaster = playlist('').includes('STREAM-INF');
      const head = isMaster ? '#EXTM3U' : '#EXTM3U\n#EXT-X-TARGETDURATION:6';
      const result = readHostile(`${head}\n${playlist(uri)}\n`);
      if (uri.startsWith('subfile,')) {
        // No scheme, as URIs go: an odd name, asked of S3 and of nobody else.
        if (!(result instanceof PermanentError)) expectSane(result);
      } else {
        expect(result).toMatchObject({
          code: 'PLAYLIST_INVALID',
          message: expect.stringContaining('is not a relative path below ep1/tracks/main/'),
        });
      }
    });
  });
});
