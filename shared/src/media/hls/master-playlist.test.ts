import { describe, expect, it } from 'vitest';
import type { AudioTrackChoice } from '../output-options.ts';
import {
  chooseRendition,
  isMasterPlaylist,
  mediaPlaylistKeys,
  type Quality,
} from './master-playlist.ts';

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

  describe('an audio track that is asked for', () => {
    const media = (attributes: string) => `#EXT-X-MEDIA:TYPE=AUDIO,${attributes}`;
    const TEXT = master(
      media('GROUP-ID="a",NAME="English",LANGUAGE="en",DEFAULT=YES,URI="en.m3u8"'),
      media('GROUP-ID="a",NAME="Kommentar",LANGUAGE="de-AT",URI="comment.m3u8"'),
      media('GROUP-ID="a",NAME="fr",LANGUAGE="fra",URI="fr.m3u8"'),
      media('GROUP-ID="a",NAME="Music",URI="music.m3u8"'),
      media('GROUP-ID="b",NAME="English",LANGUAGE="en",DEFAULT=YES,URI="b-en.m3u8"'),
      media('GROUP-ID="b",NAME="Italiano",LANGUAGE="it",URI="b-it.m3u8"'),
      media('GROUP-ID="low",NAME="Suomi",LANGUAGE="fi",URI="fi.m3u8"'),
      variant('BANDWIDTH=9,RESOLUTION=640x360,AUDIO="a"', 'high.m3u8'),
      variant('BANDWIDTH=8,RESOLUTION=640x360,AUDIO="b"', 'high-b.m3u8'),
      variant('BANDWIDTH=1,RESOLUTION=320x180,AUDIO="low"', 'low.m3u8'),
    );
    const ask = (audioTrack: AudioTrackChoice, text = TEXT, quality: Quality = 'best') =>
      chooseRendition(text, `${FOLDER}master.m3u8`, FOLDER, quality, audioTrack);

    it.each<[AudioTrackChoice, string]>([
      ['en', 'en.m3u8'],
      ['EN', 'en.m3u8'],
      ['eng', 'en.m3u8'],
      ['de', 'comment.m3u8'],
      ['ger', 'comment.m3u8'],
      ['de-at', 'comment.m3u8'],
      ['Kommentar', 'comment.m3u8'],
      ['music', 'music.m3u8'],
      ['fr', 'fr.m3u8'],
      [0, 'en.m3u8'],
      [3, 'music.m3u8'],
    ])('is found by language, name or place: %s', (asked, uri) => {
      const rendition = ask(asked);
      expect(rendition).toMatchObject({
        pictureKey: `${FOLDER}high.m3u8`,
        soundKey: FOLDER + uri,
      });
      expect(rendition.warnings).toBeUndefined();
      expect(rendition.trackInChunks).toBeUndefined();
    });

    it('may come with another variant of the same picture, not with a smaller one', () => {
      expect(ask('it')).toMatchObject({
        pictureKey: `${FOLDER}high-b.m3u8`,
        soundKey: `${FOLDER}b-it.m3u8`,
      });
      expect(ask('fi').pictureKey).toBe(`${FOLDER}high.m3u8`);
      expect(ask('fi', TEXT, 180)).toMatchObject({ soundKey: `${FOLDER}fi.m3u8` });
    });

    it.each<[AudioTrackChoice, RegExp]>([
      ['ja', /no audio track "ja"/],
      ['de-DE', /no audio track "de-DE"/],
      ['x'.repeat(100), /no audio track "x+"/],
      [4, /no audio track at place 4/],
    ])('and is not there gives the default, and a warning: %s', (asked, says) => {
      const { soundKey, warnings } = ask(asked);
      expect(soundKey).toBe(`${FOLDER}en.m3u8`);
      expect(warnings).toEqual([
        { code: 'TRACK_SUBSTITUTED', message: expect.stringMatching(says) },
      ]);
      expect(warnings![0]!.message).toContain('0: "English" (en), 1: "Kommentar" (de-AT), 2: "fr"');
      expect(warnings![0]!.message).toMatch(/"English" \(en\) was taken\.$/);
    });

    it('is looked for in the chunks where the playlist lists none, or its own come with them', () => {
      const plain = master(variant('BANDWIDTH=1', 'v.m3u8'));
      expect(ask('de', plain)).toMatchObject({ trackInChunks: 'de' });
      const muxed = master(
        media('GROUP-ID="a",NAME="English",LANGUAGE="en",DEFAULT=YES'),
        media('GROUP-ID="a",NAME="Deutsch",LANGUAGE="de",URI="de.m3u8"'),
        variant('BANDWIDTH=1,AUDIO="a"', 'v.m3u8'),
      );
      expect(ask('en', muxed)).not.toHaveProperty('soundKey');
      expect(ask('en', muxed).trackInChunks).toBeUndefined();
      expect(ask('de', muxed)).toMatchObject({ soundKey: `${FOLDER}de.m3u8` });
      expect(ask('fr', muxed)).toMatchObject({ trackInChunks: 'fr' });
      expect(ask('fr', muxed).warnings).toBeUndefined();
    });

    it('is all there is to read of sound alone', () => {
      const alone = master(
        media('GROUP-ID="a",NAME="en",LANGUAGE="en",DEFAULT=YES,URI="en.m3u8"'),
        media('GROUP-ID="a",NAME="de",LANGUAGE="de",URI="de.m3u8"'),
        variant('BANDWIDTH=1,CODECS="mp4a.40.2",AUDIO="a"', 'en.m3u8'),
      );
      expect(ask('de', alone).pictureKey).toBe(`${FOLDER}de.m3u8`);
      expect(ask('de', alone)).not.toHaveProperty('soundKey');
      expect(ask(0, alone).pictureKey).toBe(`${FOLDER}en.m3u8`);
    });

    it('names a dozen of very many', () => {
      const many = Array.from({ length: 50 }, (_, n) =>
        media(`GROUP-ID="a",NAME="${'n'.repeat(300)}${n}",URI="${n}.m3u8"`),
      );
      const { warnings } = ask('de', master(...many, variant('BANDWIDTH=1,AUDIO="a"', 'v.m3u8')));
      expect(warnings![0]!.message).toMatch(/, and 38 more\. /);
      expect(warnings![0]!.message.length).toBeLessThan(2_000);
    });

    it('is uploaded with all others: every media playlist is named once', () => {
      expect(mediaPlaylistKeys(TEXT, `${FOLDER}master.m3u8`, FOLDER).sort()).toEqual(
        ['b-en', 'b-it', 'comment', 'en', 'fi', 'fr', 'high-b', 'high', 'low', 'music'].map(
          (name) => `${FOLDER}${name}.m3u8`,
        ),
      );
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
