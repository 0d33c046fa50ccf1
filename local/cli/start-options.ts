import { existsSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { parseArgs } from 'node:util';
import type { RequestedOptions } from '#shared/events/cut-options';
import { formatTime, parseTimeMs } from '#shared/time';
import { CUT_OPTIONS, CUT_USAGE, parseCutOptions } from './cut-options.ts';
import { UsageError } from './usage-error.ts';

export const DEFAULT_PORT = 4580;

export const USAGE = `Turns moments of an episode into finished clips, on the packaged services and an embedded AWS stack.

Usage: npm start -- [options]

Without options a sample episode is made and cut. With an episode of your own:
  --video FILE.mp4        package this video, or this audio, as an episode
  --playlist DIR/x.m3u8   take this HLS playlist, media or master, as the episode, as it is
  --audio-file FILE       its audio, for audio clips (M4A, MP3, AAC, WAV, FLAC); default: that of the video
  --clip TIMES            one clip of it: segments START-END, separated by commas;
                          times are HH:MM:SS[.mmm] or seconds; repeat for more clips

How the clips are made:
${CUT_USAGE}

Where results go:
  --out DIR               copy finished clips to DIR/<clipId>.mp4
  --json FILE             write the final clip records and the event log to FILE
  --once                  exit when the clips are done (else serve until Ctrl-C)
  --port N                port of the AWS endpoint (default ${DEFAULT_PORT}; 0: any free one)
  --api-port N            port of the HTTP API (default: the next one; 0: any free one)
  --state DIR             where objects, tables and logs are kept (default .splicebus)
  --help                  show this

Example: npm start -- --once --video talk.mp4 --clip 00:00:05-00:00:12.5 --clip 1-3,20-25 --out clips
`;

/** A clip as asked for on the command line. */
export interface WantedClip {
  clipId: string;
  segments: { startTime: string; endTime: string }[];
}

export interface StartOptions {
  /** Absent: the sample. */
  source?: { kind: 'video' | 'playlist'; path: string; episodeId: string };
  /** With the episode's audio, where that has a file of its own. */
  audioFile?: string;
  clips: WantedClip[];
  /** How all of the clips are made. */
  cutOptions: RequestedOptions;
  outDir?: string;
  jsonFile?: string;
  once: boolean;
  port: number;
  apiPort: number;
  stateDir: string;
  help: boolean;
}

/** @throws UsageError */
export function parseStartOptions(args: readonly string[]): StartOptions {
  const values = parse(args);
  if (values.video && values.playlist) {
    throw new UsageError('Give either --video or --playlist, not both.');
  }
  const path = values.video ?? values.playlist;
  const clips = (values.clip ?? []).map(parseClip);
  if (path && clips.length === 0 && !values.help) {
    throw new UsageError('Say what to cut out: --clip 00:00:05-00:00:12.5');
  }
  if (!path && clips.length > 0) {
    throw new UsageError('--clip needs an episode to cut: add --video or --playlist.');
  }
  const audioFile = values['audio-file'];
  if (!path && audioFile) {
    throw new UsageError('--audio-file is the audio of an episode: add --video or --playlist.');
  }
  const port = parsePort('--port', values.port);
  return {
    ...(path
      ? { source: { kind: values.video ? 'video' : 'playlist', path, episodeId: idOf(path) } }
      : {}),
    audioFile,
    clips,
    cutOptions: parseCutOptions(values),
    outDir: values.out,
    jsonFile: values.json,
    once: values.once,
    port,
    apiPort: parsePort('--api-port', values['api-port'] ?? String(port && port + 1)),
    stateDir: values.state,
    help: values.help,
  };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        video: { type: 'string' },
        playlist: { type: 'string' },
        'audio-file': { type: 'string' },
        ...CUT_OPTIONS,
        clip: { type: 'string', multiple: true },
        out: { type: 'string' },
        json: { type: 'string' },
        once: { type: 'boolean', default: false },
        port: { type: 'string', default: String(DEFAULT_PORT) },
        'api-port': { type: 'string' },
        state: { type: 'string', default: '.splicebus' },
        help: { type: 'boolean', default: false },
      },
    });
    for (const path of [values.video, values.playlist, values['audio-file']]) {
      if (path !== undefined && !existsSync(path))
        throw new UsageError(`There is no file ${path}.`);
    }
    return values;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // Node's own message, without its advice on how to pass such a value anyway.
    throw new UsageError(`${(error as Error).message.split(/[.\n]/)[0]}. See npm start -- --help`);
  }
}

function parsePort(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new UsageError(`${option} takes a number from 0 to 65535, not "${text}".`);
  }
  return port;
}

function parseClip(text: string, index: number): WantedClip {
  const segments = text.split(',').map((part) => {
    const [start = '', end = '', ...rest] = part.split('-');
    const startMs = parseTimeMs(start);
    const endMs = parseTimeMs(end);
    if (startMs === undefined || endMs === undefined || rest.length > 0) {
      throw new UsageError(
        `--clip takes START-END[,START-END…] such as 00:00:05-00:00:12.5, not "${text}".`,
      );
    }
    if (endMs <= startMs)
      throw new UsageError(`--clip ${part}: the end must be later than the start.`);
    return { startTime: formatTime(startMs), endTime: formatTime(endMs) };
  });
  return { clipId: `clip-${index + 1}`, segments };
}

/** An episodeId out of a file's name; a playlist is mostly called index, so its folder names it. */
function idOf(path: string): string {
  const name = basename(path, extname(path));
  const telling = name === 'index' ? basename(path.slice(0, -basename(path).length - 1)) : name;
  const id = telling
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/^[-_]+|[-_]+$/g, '')
    .slice(0, 64);
  return id || 'episode';
}
