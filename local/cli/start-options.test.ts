import { describe, expect, it } from 'vitest';
import { parseStartOptions } from './start-options.ts';

/** A file that is there: this one. */
const FILE = import.meta.filename;

describe('parseStartOptions', () => {
  it('makes the sample without options', () => {
    expect(parseStartOptions([])).toMatchObject({
      clips: [],
      once: false,
      port: 4580,
      apiPort: 4581,
      stateDir: '.splicebus',
    });
  });

  it('reads clips and their segments', () => {
    const options = parseStartOptions([
      ...['--video', FILE, '--clip', '00:00:05-00:00:12.5', '--clip', '1-3,20-25'],
      ...['--out', 'clips', '--json', 'out.json', '--once', '--port', '0'],
    ]);
    expect(options).toMatchObject({
      source: { kind: 'video', path: FILE, episodeId: 'start-options-test' },
      clips: [
        { clipId: 'clip-1', segments: [{ startTime: '00:00:05.000', endTime: '00:00:12.500' }] },
        {
          clipId: 'clip-2',
          segments: [
            { startTime: '00:00:01.000', endTime: '00:00:03.000' },
            { startTime: '00:00:20.000', endTime: '00:00:25.000' },
          ],
        },
      ],
      outDir: 'clips',
      jsonFile: 'out.json',
      once: true,
      port: 0,
      apiPort: 0,
    });
    expect(parseStartOptions(['--port', '5000', '--api-port', '80'])).toMatchObject({
      port: 5000,
      apiPort: 80,
    });
  });

  it('reads how clips are made, and asks for nothing that was not said', () => {
    expect(parseStartOptions([]).cutOptions).toEqual({});
    expect(
      parseStartOptions([
        ...['--cut', 'reencode', '--gaps', 'black', '--quality', '720p', '--audio', 'copy'],
        ...['--audio-track', '1', '--audio-channels', 'stereo', '--deinterlace', 'field'],
        ...['--allow-hevc', '--hdr', 'tonemap', '--strict'],
      ]).cutOptions,
    ).toEqual({
      cut: 'reencode',
      gaps: 'black',
      quality: 720,
      audio: 'copy',
      audioTrack: 1,
      audioChannels: 'stereo',
      deinterlace: 'field',
      allowHevc: true,
      hdr: 'tonemap',
      strict: true,
    });
    expect(parseStartOptions(['--audio-track', 'de']).cutOptions).toEqual({ audioTrack: 'de' });
  });

  it.each([
    [['--vidoe', FILE], /Unknown option '--vidoe'/],
    [['stray'], /Unexpected argument 'stray'/],
    [['--video'], /--video/],
    [['--video', '/nowhere.mp4', '--clip', '1-2'], /There is no file \/nowhere.mp4/],
    [['--video', FILE], /Say what to cut out/],
    [['--clip', '1-2'], /--clip needs an episode/],
    [['--video', FILE, '--playlist', FILE, '--clip', '1-2'], /either --video or --playlist/],
    [['--video', FILE, '--clip', 'soon'], /--clip takes START-END/],
    [['--audio-file', FILE], /--audio-file is the audio of an episode/],
    [['--audio-file', '/nowhere.m4a'], /There is no file \/nowhere.m4a/],
    [
      ['--audio', 'sound.m4a'],
      /--audio takes exact or copy; .* is --audio-file FILE, not "sound.m4a"/,
    ],
    [['--cut', 'fast'], /--cut takes exact, copy or reencode, not "fast"/],
    [['--gaps', 'white'], /--gaps takes fail, skip or black/],
    [['--quality', '4k'], /--quality takes best or a height/],
    [['--audio-track', ''], /--audio-track takes a language/],
    [['--audio-channels', '2'], /--audio-channels takes source or stereo/],
    [['--deinterlace', 'yadif'], /--deinterlace takes frame, field or off/],
    [['--hdr', 'sdr'], /--hdr takes keep or tonemap/],
    [['--strict=yes'], /--strict/],
    [['--video', FILE, '--clip', '1-2-3'], /--clip takes START-END/],
    [['--video', FILE, '--clip', '5-4'], /the end must be later than the start/],
    [['--video', FILE, '--clip', ''], /--clip takes START-END/],
    [['--port', 'http'], /--port takes a number/],
    [['--port', '70000'], /--port takes a number/],
    [['--api-port', '-1'], /--api-port/],
    [['--port', '65535'], /--api-port takes a number/],
  ])('refuses %j in one line', (args, message) => {
    expect(() => parseStartOptions(args)).toThrow(message);
    expect(() => parseStartOptions(args)).toThrow(/^[^\n]+$/);
  });
});
