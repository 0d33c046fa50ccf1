import { describe, expect, it } from 'vitest';
import { chooseRendition, isMasterPlaylist, type Quality } from './master-playlist.ts';

const FOLDER = 'ep1/tracks/main/';
const choose = (text: string, quality: Quality = 'best') =>
  chooseRendition(text, `${FOLDER}master.m3u8`, FOLDER, quality);
const master = (...lines: string[]) => ['#EXTM3U', ...lines, ''].join('\n');
const variant = (attributes: string, uri: string) => `#EXT-X-STREAM-INF:${attributes}\n${uri}`;

const LADDER = master(
  '#EXT-X-INDEPENDENT-SEGMENTS',
  variant('BANDWIDTH=900000,RESOLUTION=640x360,CODECS="avc1.64001e,mp4a.40.2"', '360.m3u8'),
  variant('BANDWIDTH=6000000,RESOLUTION=1920x1080,CODECS="avc1.640028,mp4a.40.2"', '1080.m3u8'),
  variant('BANDWIDTH=8000000,RESOLUTION=1920x1080,CODECS="avc1.640028,mp4a.40.2"', '1080+.m3u8'),
  variant('BANDWIDTH=9000000,RESOLUTION=1920x1080,CODECS="hvc1.2.4.L123,mp4a.40.2"', 'hevc.m3u8'),
  variant('BANDWIDTH=2500000,RESOLUTION=1280x720,CODECS="avc3.64001f,mp4a.40.2"', '720.m3u8'),
  variant('BANDWIDTH=128000,CODECS="mp4a.40.2"', 'sound.m3u8'),
  '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=900000,RESOLUTION=3840x2160,URI="key-frames.m3u8"',
);

describe('isMasterPlaylist', () => {
  it.each([
    ['a master playlist', LADDER, true],
    ['one with CRLF', LADDER.replaceAll('\n', '\r\n'), true],
    ['a media playlist', '#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:1\n#EXTINF:6,\na.ts\n', false],
    ['a tag inside a title', '#EXTM3U\n#EXTINF:6,#EXT-X-STREAM-INF:\na.ts\n', false],
    ['text that is no playlist', 'hello', false],
  ])('tells %s', (_, text, expected) => {
    expect(isMasterPlaylist(text)).toBe(expected);
  });
});

describe('chooseRendition', () => {
  it('prefers the tallest, then what can be copied, then the most bits', () => {
    expect(choose(LADDER)).toEqual({
      pictureKey: `${FOLDER}1080+.m3u8`,
      height: 1080,
      bandwidth: 8_000_000,
      codecs: 'avc1.640028,mp4a.40.2',
    });
  });

  it.each<[Quality, string]>([
    [1080, '1080+.m3u8'],
    [1079, '720.m3u8'],
    [720, '720.m3u8'],
    [480, '360.m3u8'],
    [100, '360.m3u8'],
  ])('takes the best not taller than %s, else the smallest', (quality, uri) => {
    expect(choose(LADDER, quality).pictureKey).toBe(FOLDER + uri);
  });

  it('goes by the bits where no heights are told', () => {
    const text = master(variant('BANDWIDTH=1', 'low.m3u8'), variant('BANDWIDTH=2', 'high.m3u8'));
    expect(choose(text).pictureKey).toBe(`${FOLDER}high.m3u8`);
    expect(choose(text, 360).pictureKey).toBe(`${FOLDER}high.m3u8`);
  });

  it('takes the first of equals: the others stand in for it', () => {
    const same = 'BANDWIDTH=1,RESOLUTION=640x360';
    const text = master(variant(same, 'a.m3u8'), variant(same, 'b.m3u8'));
    expect(choose(text).pictureKey).toBe(`${FOLDER}a.m3u8`);
  });

  it('takes the sound where there is nothing else', () => {
    const text = master(
      variant('BANDWIDTH=64000,CODECS="mp4a.40.5"', 'low.m3u8'),
      variant('BANDWIDTH=128000,CODECS="mp4a.40.2"', 'high.m3u8'),
    );
    expect(choose(text)).toMatchObject({ pictureKey: `${FOLDER}high.m3u8` });
    expect(choose(text, 720)).toMatchObject({ pictureKey: `${FOLDER}high.m3u8` });
  });

  describe('sound of its own', () => {
    const withSound = (...renditions: string[]) =>
      choose(
        master(
          ...renditions.map((attributes) => `#EXT-X-MEDIA:TYPE=AUDIO,${attributes}`),
          '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="en",DEFAULT=YES,URI="subtitles.m3u8"',
          variant('BANDWIDTH=1,AUDIO="aac",SUBTITLES="s"', 'video.m3u8'),
        ),
      ).soundKey;

    it('is the default one of its group', () => {
      expect(
        withSound(
          'GROUP-ID="ac3",NAME="de",DEFAULT=YES,URI="ac3.m3u8"',
          `GROUP-ID="aac",NAME="Director's commentary",URI="commentary.m3u8"`,
          'GROUP-ID="aac",NAME="de",DEFAULT=YES,URI="audio/de.m3u8"',
        ),
      ).toBe(`${FOLDER}audio/de.m3u8`);
    });

    it('is the first one where none is the default', () => {
      expect(
        withSound(
          `GROUP-ID="aac",NAME="Director's commentary",URI="commentary.m3u8"`,
          'GROUP-ID="aac",NAME="de",DEFAULT=NO,URI="de.m3u8"',
        ),
      ).toBe(`${FOLDER}commentary.m3u8`);
    });

    it('is none where the rendition comes with the picture', () => {
      expect(withSound('GROUP-ID="aac",NAME="de",DEFAULT=YES')).toBeUndefined();
      expect(withSound('GROUP-ID="aac",NAME="de",URI="video.m3u8"')).toBeUndefined();
    });
  });

  it.each([
    ['without variants', master('#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="a.m3u8"')],
    ['with a variant without URI', master('#EXT-X-STREAM-INF:BANDWIDTH=1')],
    ['with a variant elsewhere', master(variant('BANDWIDTH=1', 'https://elsewhere.example/v'))],
    ['with a variant of another track', master(variant('BANDWIDTH=1', '../other/v.m3u8'))],
    [
      'with sound elsewhere',
      master(
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="//elsewhere.example/a"',
        variant('BANDWIDTH=1,AUDIO="a"', 'v.m3u8'),
      ),
    ],
    ['with chunks, too', `#EXTM3U\n#EXTINF:6,\na.ts\n${variant('BANDWIDTH=1', 'v.m3u8')}`],
    ['with thousands of lines', master(...Array<string>(2_000).fill(variant('BANDWIDTH=1', 'v')))],
  ])('refuses one %s', (_, text) => {
    expect(() => choose(text)).toThrow(expect.objectContaining({ code: 'PLAYLIST_INVALID' }));
  });
});
