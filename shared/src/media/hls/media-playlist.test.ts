import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseMediaPlaylist } from './media-playlist.ts';

const FOLDER = 'ep1/tracks/main/';
const KEY = `${FOLDER}index.m3u8`;

const media = (...lines: string[]) =>
  ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:7', ...lines, '#EXT-X-ENDLIST', ''].join(
    '\n',
  );
const chunk = (uri: string, seconds = 6) => [`#EXTINF:${seconds},`, uri];
const read = (text: string) => parseMediaPlaylist(text, KEY, FOLDER);
const codeOf = (text: string) => {
  try {
    read(text);
    return 'accepted';
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

beforeEach(() => {
  vi.spyOn(console, 'error');
});
afterEach(() => {
  // The parser would tell each small offence there.
  expect(console.error).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

describe('parseMediaPlaylist', () => {
  it('lists MPEG-TS chunks with their place in time', () => {
    expect(read(media(...chunk('a.ts', 6.006), ...chunk('sub/b%20b.ts', 2.5)))).toEqual({
      chunks: [
        {
          ...{ index: 0, key: `${FOLDER}a.ts`, startUs: 0, durationUs: 6_006_000 },
          ...{ run: 0, isGap: false },
        },
        {
          ...{ index: 1, key: `${FOLDER}sub/b b.ts`, startUs: 6_006_000, durationUs: 2_500_000 },
          ...{ run: 0, isGap: false },
        },
      ],
      runs: [{ first: 0, last: 1, startUs: 0 }],
      durationUs: 8_506_000,
      isEnded: true,
      targetDurationUs: 7_000_000,
    });
  });

  describe('runs', () => {
    it('begins a run at a discontinuity', () => {
      const { runs, chunks } = read(
        media(
          '#EXT-X-DISCONTINUITY',
          ...chunk('a.ts'),
          ...chunk('b.ts'),
          '#EXT-X-DISCONTINUITY',
          ...chunk('c.ts'),
        ),
      );
      expect(runs).toEqual([
        { first: 0, last: 1, startUs: 0 },
        { first: 2, last: 2, startUs: 12_000_000 },
      ]);
      expect(chunks.map((one) => one.run)).toEqual([0, 0, 1]);
    });

    it('begins a run at another initialization section, not at the same one again', () => {
      const { runs } = read(
        media(
          '#EXT-X-MAP:URI="init.mp4"',
          ...chunk('a.m4s'),
          '#EXT-X-MAP:URI="init.mp4"',
          ...chunk('b.m4s'),
          '#EXT-X-MAP:URI="other.mp4"',
          ...chunk('c.m4s'),
          ...chunk('d.m4s'),
        ),
      );
      expect(runs).toEqual([
        { first: 0, last: 1, startUs: 0, init: { key: `${FOLDER}init.mp4` } },
        { first: 2, last: 3, startUs: 12_000_000, init: { key: `${FOLDER}other.mp4` } },
      ]);
    });

    it('tells sections of one file apart by their byte ranges', () => {
      const { runs } = read(
        media(
          '#EXT-X-MAP:URI="all.mp4",BYTERANGE="700@0"',
          ...chunk('a.m4s'),
          '#EXT-X-MAP:URI="all.mp4",BYTERANGE="720@5000"',
          ...chunk('b.m4s'),
        ),
      );
      expect(runs.map((run) => run.init?.range)).toEqual([
        { offset: 0, length: 700 },
        { offset: 5000, length: 720 },
      ]);
    });
  });

  describe('byte ranges', () => {
    it('reads them with and without an offset', () => {
      const { chunks } = read(
        media(
          '#EXT-X-MAP:URI="all.mp4",BYTERANGE="700"',
          '#EXT-X-BYTERANGE:1000@700',
          ...chunk('all.mp4'),
          '#EXTINF:6,',
          '#EXT-X-BYTERANGE:500',
          'all.mp4',
          '#EXT-X-BYTERANGE:300@9000',
          ...chunk('other.mp4'),
          ...chunk('whole.mp4'),
        ),
      );
      expect(chunks.map((one) => one.range)).toEqual([
        { offset: 700, length: 1000 },
        { offset: 1700, length: 500 },
        { offset: 9000, length: 300 },
        undefined,
      ]);
    });

    it.each([
      ['follows nothing', media('#EXT-X-BYTERANGE:100', ...chunk('a.ts'))],
      [
        'follows a range of another file',
        media('#EXT-X-BYTERANGE:9@0', ...chunk('a.ts'), '#EXT-X-BYTERANGE:9', ...chunk('b.ts')),
      ],
      ['is empty', media('#EXT-X-BYTERANGE:0@0', ...chunk('a.ts'))],
      ['is negative', media('#EXT-X-BYTERANGE:-5@10', ...chunk('a.ts'))],
      ['is no number', media('#EXT-X-BYTERANGE:many', ...chunk('a.ts'))],
      ['is no range of a map', media('#EXT-X-MAP:URI="i",BYTERANGE="x"', ...chunk('a'))],
    ])('refuses one that %s', (_, text) => {
      expect(codeOf(text)).toBe('PLAYLIST_INVALID');
    });
  });

  describe('encryption', () => {
    const IV = '0x000102030405060708090a0b0c0d0e0f';
    const iv = Uint8Array.from({ length: 16 }, (_, n) => n);
    const numbered = (n: number) => Uint8Array.from([...Array<number>(15).fill(0), n]);

    it('takes the vector from the tag, or from the media sequence number', () => {
      const { chunks } = read(
        media(
          '#EXT-X-MEDIA-SEQUENCE:41',
          ...chunk('clear.ts'),
          '#EXT-X-KEY:METHOD=AES-128,URI="keys/1.key"',
          ...chunk('a.ts'),
          ...chunk('b.ts'),
          `#EXT-X-KEY:METHOD=AES-128,URI="keys/it's.key",IV=${IV},KEYFORMAT="identity"`,
          ...chunk('c.ts'),
          '#EXT-X-KEY:METHOD=NONE',
          ...chunk('clear-again.ts'),
        ),
      );
      expect(chunks.map((one) => one.encryption)).toEqual([
        undefined,
        { keyKey: `${FOLDER}keys/1.key`, iv: numbered(42) },
        { keyKey: `${FOLDER}keys/1.key`, iv: numbered(43) },
        { keyKey: `${FOLDER}keys/it's.key`, iv },
        undefined,
      ]);
    });

    it('counts far media sequence numbers exactly', () => {
      const { chunks } = read(
        media(
          '#EXT-X-MEDIA-SEQUENCE:1099511627777',
          '#EXT-X-KEY:METHOD=AES-128,URI="k"',
          ...chunk('a'),
        ),
      );
      expect(chunks[0]!.encryption?.iv.toString()).toBe('0,0,0,0,0,0,0,0,0,0,1,0,0,0,0,1');
    });

    it('encrypts an initialization section only by a key that comes before it', () => {
      const key = `#EXT-X-KEY:METHOD=AES-128,URI="k",IV=${IV}`;
      const before = read(media(key, '#EXT-X-MAP:URI="i.mp4"', ...chunk('a.m4s')));
      const after = read(media('#EXT-X-MAP:URI="i.mp4"', key, ...chunk('a.m4s')));
      const encryption = { keyKey: `${FOLDER}k`, iv };
      expect(before.runs[0]!.init).toEqual({ key: `${FOLDER}i.mp4`, encryption });
      expect(after.runs[0]!.init).toEqual({ key: `${FOLDER}i.mp4` });
      expect(after.chunks[0]!.encryption).toEqual(encryption);
    });

    it.each([
      ['SAMPLE-AES', '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k"', /SAMPLE-AES/],
      [
        'another key format',
        '#EXT-X-KEY:METHOD=AES-128,URI="k",KEYFORMAT="com.apple.streamingkeydelivery"',
        /com\.apple\.streamingkeydelivery/,
      ],
    ])('refuses %s by name', (_, tag, name) => {
      expect(() => read(media(tag, ...chunk('a.ts')))).toThrow(name);
      expect(codeOf(media(tag, ...chunk('a.ts')))).toBe('PLAYLIST_UNSUPPORTED');
    });

    it.each([
      ['a key on another host', '#EXT-X-KEY:METHOD=AES-128,URI="https://elsewhere.example/k"'],
      ['a key of another track', '#EXT-X-KEY:METHOD=AES-128,URI="../other/k"'],
      ['a key without URI', '#EXT-X-KEY:METHOD=AES-128'],
      ['a short vector', '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x01'],
      ['a section without vector', '#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXT-X-MAP:URI="i"'],
    ])('refuses %s', (_, tag) => {
      expect(codeOf(media(tag, ...chunk('a.ts')))).toBe('PLAYLIST_INVALID');
    });
  });

  it('marks gaps, each for itself', () => {
    const { chunks } = read(
      media(...chunk('a.ts'), '#EXT-X-GAP', ...chunk('b.ts'), ...chunk('c.ts')),
    );
    expect(chunks.map((one) => one.isGap)).toEqual([false, true, false]);
  });

  it('reads a live playlist, and takes its first listed chunk for time zero', () => {
    const text = '#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:900\n#EXTINF:6,\na.ts\n';
    const { chunks, isEnded } = read(text);
    expect(chunks).toMatchObject([{ index: 0, startUs: 0 }]);
    expect(isEnded).toBe(false);
  });

  it('reads an EVENT that has only just begun', () => {
    const text = '#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:EVENT\n';
    expect(read(text)).toMatchObject({ chunks: [], runs: [], durationUs: 0, isEnded: false });
  });

  it('takes VOD for ended', () => {
    const text = '#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:6,\na.ts\n';
    expect(read(text).isEnded).toBe(true);
  });

  it('reads CRLF, a byte order mark, blank lines, comments and any title', () => {
    const text =
      '\uFEFF#EXTM3U\r\n#EXT-X-TARGETDURATION:6\r\n\r\n# made by hand\r\n#EXTINF:6,Fünf € — 100%\r\na.ts\r\n#EXTINF:4\r\nb.ts';
    expect(read(text).chunks.map((one) => one.durationUs)).toEqual([6_000_000, 4_000_000]);
  });

  it('takes the longest chunk where the target duration is left out', () => {
    expect(read('#EXTM3U\n#EXTINF:6,\na.ts\n#EXTINF:4,\nb.ts').targetDurationUs).toBe(6_000_000);
  });

  it('leaves out the parts and hints of low latency', () => {
    const { chunks, runs } = read(
      [
        '#EXTM3U',
        '#EXT-X-VERSION:9',
        '#EXT-X-TARGETDURATION:4',
        '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24,PART-HOLD-BACK=3.0',
        '#EXT-X-PART-INF:PART-TARGET=1.0',
        '#EXT-X-MAP:URI="init.mp4"',
        '#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:00Z',
        '#EXT-X-PART:DURATION=1.0,URI="a.0.m4s",INDEPENDENT=YES',
        '#EXT-X-PART:DURATION=1.0,URI="a.1.m4s",GAP=YES',
        ...chunk('a.m4s', 4),
        '#EXT-X-DATERANGE:ID="ad",START-DATE="2026-03-01T12:00:04Z",CUE="ONCE"',
        ...chunk('b.m4s', 4),
        '#EXT-X-PART:DURATION=1.0,URI="c.0.m4s"',
        '#EXT-X-PRELOAD-HINT:TYPE=MAP,URI="next.mp4"',
        '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="c.1.m4s"',
        '#EXT-X-RENDITION-REPORT:URI="../720p/live.m3u8",LAST-MSN=273',
        '#EXT-X-PREFETCH:c.m4s',
      ].join('\n'),
    );
    expect(chunks.map((one) => one.key)).toEqual([`${FOLDER}a.m4s`, `${FOLDER}b.m4s`]);
    expect(runs).toHaveLength(1);
  });

  it.each([
    ['text that is no playlist', 'hello'],
    ['an empty file', ''],
    ['a page of HTML', '<!doctype html>\n#EXTM3U\n#EXTINF:6,\na.ts'],
    ['a playlist without chunks', media()],
    ['nothing but the first line', '#EXTM3U\n'],
    ['a chunk without duration', media('a.ts')],
    ['a chunk of no time', media(...chunk('a.ts', 0))],
    ['a chunk of negative time', media(...chunk('a.ts', -6))],
    ['a chunk in another folder', media(...chunk('../other/a.ts'))],
    ['a section in another folder', media('#EXT-X-MAP:URI="../i.mp4"', ...chunk('a.m4s'))],
    ['a section without URI', media('#EXT-X-MAP:BYTERANGE="1@0"', ...chunk('a.m4s'))],
    ['more than a million lines', media(...chunk('a.ts'), '\n'.repeat(1_000_000))],
    ['more than 16 MB', `${media(...chunk('a.ts'))}${'#'.repeat(16 * 1024 * 1024)}`],
  ])('refuses %s', (_, text) => {
    expect(codeOf(text)).toBe('PLAYLIST_INVALID');
  });

  it.each([
    ['a master playlist', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n'],
    ['a delta update', media('#EXT-X-SKIP:SKIPPED-SEGMENTS=3', ...chunk('a.ts'))],
    ['a delta update without number', media('#EXT-X-SKIP:', ...chunk('a.ts'))],
    ['key frames only', media('#EXT-X-I-FRAMES-ONLY', ...chunk('a.ts'))],
    ['variables', media('#EXT-X-DEFINE:NAME="x",VALUE="y"', ...chunk('{$x}.ts'))],
  ])('says that it does not support %s', (_, text) => {
    expect(codeOf(text)).toBe('PLAYLIST_UNSUPPORTED');
  });
});
