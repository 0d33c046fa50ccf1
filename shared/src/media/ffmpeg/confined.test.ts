import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Episode } from '#local/sample/index';
import { encodedAnew, makeClip, makeSegment, segmentFiles, smallEpisode } from '../clip.fixture.ts';
import { joinSegments } from '../join/join-segments.ts';
import { MediaWork } from './media-work.ts';
import { referenceMovie } from './reference-movie.fixture.ts';
import { ffmpeg, ffprobe } from './run.ts';

// What lies in chunks was made by others. Nothing in it may send FFmpeg anywhere: not to a host, not to
// another file of the machine.

const run = promisify(execFile);
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast'];

let folder: string;
let episode: Episode;
let server: Server;
let host: string;
/** What the host was asked for. */
const requests: string[] = [];
/** A file that no chunk may show: a whole video, in each form that FFmpeg would take it in. */
let secretTs: string;
let secretMp4: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-confined-'));
  episode = await smallEpisode({ container: 'ts', fps: '30' });
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  [secretTs, secretMp4] = [join(folder, 'secret.ts'), join(folder, 'secret.mp4')];
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=64x64:r=30:d=4'];
  await run('ffmpeg', ['-v', 'error', ...picture, ...X264, secretTs]);
  await run('ffmpeg', [
    ...['-v', 'error', ...picture, '-c:v', 'mpeg4', '-movflags', '+faststart', secretMp4],
  ]);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const newFolder = () => mkdtemp(join(folder, 'work-'));

/** Cuts a second out of an episode of one chunk. */
async function cut(chunk: string | Buffer, name: string) {
  const into = await newFolder();
  await writeFile(join(into, name), chunk);
  const playlistPath = join(into, 'index.m3u8');
  await writeFile(
    playlistPath,
    `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n${name}\n#EXT-X-ENDLIST\n`,
  );
  return makeSegment({ playlistPath }, [1_000, 2_000], join(into, 'segment'));
}

const hls = (uri: string) =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n${uri}\n#EXT-X-ENDLIST\n`;

/** A text, behind the first byte of a transport stream or the first box of an MP4. */
const behind = (first: string, text: string) => `${first}${text}`;

describe('a chunk that is', () => {
  it.each<[string, () => Promise<string | Buffer> | string | Buffer, string?]>([
    ['an HLS playlist of another host', () => hls(`${host}/a.ts`)],
    ['an HLS playlist of a file', () => hls(secretTs)],
    ['an HLS playlist by a URL of a file', () => hls(`file://${secretTs}`)],
    [
      'an HLS playlist with a key elsewhere',
      () => hls(`#EXT-X-KEY:METHOD=AES-128,URI="${host}/k"`),
    ],
    ['an HLS playlist in the name of an MP4', () => hls(secretTs), 'chunk.m4s'],
    ['a list for the concat demuxer', () => `ffconcat version 1.0\nfile '${secretTs}'\n`],
    ['a list of another host', () => `ffconcat version 1.0\nfile '${host}/a.ts'\n`],
    ['a list for the concat protocol', () => `concat:${secretTs}|${secretTs}`],
    ['a list for concatf', () => `${secretTs}\n${host}/a.ts\n`],
    ['a session description', () => 'v=0\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n'],
    ['a DASH manifest', () => `<MPD><BaseURL>${host}/</BaseURL></MPD>`],
    ['a list of pictures', () => `ffconcat version 1.0\nfile '${host}/%d.jpg'\n`],
    ['half a transport stream', () => behind('G', hls(`${host}/a.ts`))],
    ['half an MP4', () => behind('\0\0\0\x08ftyp', hls(`${host}/a.ts`)), 'chunk.m4s'],
    ['half packed audio', () => behind('ID3', hls(`${host}/a.ts`)), 'chunk.aac'],
    [
      'a reference movie',
      async () => referenceMovie(await readFile(secretMp4), secretMp4),
      'chunk.mp4',
    ],
  ])('%s is called undecodable, and opens nothing', async (_, chunk, name = 'chunk.ts') => {
    requests.length = 0;
    await expect(cut(await chunk(), name)).rejects.toMatchObject({ code: 'CHUNK_UNDECODABLE' });
    expect(requests).toEqual([]);
  });

  it('FFmpeg by itself would take for what it is', async () => {
    const [playlist, list, movie] = ['evil.m3u8', 'evil.txt', 'evil.mov'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    await writeFile(playlist, hls(secretTs));
    await writeFile(list, `ffconcat version 1.0\nfile '${secretTs}'\n`);
    await writeFile(movie, referenceMovie(await readFile(secretMp4), secretMp4));
    const frames = async (...input: string[]) => {
      const { stdout } = await run('ffmpeg', ['-v', 'error', ...input, '-f', 'framemd5', '-']);
      return stdout.split('\n').filter((line) => line.startsWith('0,')).length;
    };
    expect(await frames('-i', playlist)).toBe(120);
    expect(await frames('-safe', '0', '-i', list)).toBe(120);
    expect(await frames('-enable_drefs', '1', '-i', movie)).toBeGreaterThan(90);
    await writeFile(playlist, hls(`${host}/a.ts`));
    await frames('-protocol_whitelist', 'file,http,tcp', '-i', playlist).catch(() => {});
    expect(requests).toContain('/a.ts');
  });
});

describe('an input that says nothing of protocols', () => {
  it.each([
    ['http', () => `${host}/a.ts`],
    ['a host by its address alone', () => host.replace('http:', 'tcp:')],
    ['concat', () => `concat:${secretTs}`],
    ['concatf', () => `concatf:${secretTs}`],
    ['subfile', () => `subfile,,start,0,end,0,,:${secretTs}`],
    ['crypto', () => `crypto:${secretTs}`],
    ['cache', () => `cache:${secretTs}`],
    ['async', () => `async:${secretTs}`],
    ['data', () => 'data:video/mp2t;base64,RwAA'],
    ['pipe', () => 'pipe:0'],
    ['unix sockets', () => `unix:${folder}/socket`],
    ['udp', () => 'udp://127.0.0.1:9'],
  ])('may not open %s', async (_, url) => {
    requests.length = 0;
    const refused = /not on whitelist/;
    await expect(ffmpeg(['-i', url(), '-f', 'null', '-'])).rejects.toThrow(refused);
    await expect(ffprobe(['-show_streams', '-i', url()])).rejects.toThrow(refused);
    // Neither does what came before it help it.
    const second = ['-protocol_whitelist', 'file,http,tcp', '-i', secretTs, '-i', url()];
    await expect(ffmpeg([...second, '-f', 'null', '-'])).rejects.toThrow(refused);
    expect(requests).toEqual([]);
  });

  it('may open files', async () => {
    await ffmpeg(['-i', secretTs, '-f', 'null', '-']);
    expect((await ffprobe(['-show_streams', '-i', secretTs])).stdout).toContain('h264');
  });
});

/** Puts scripts in the tools' places that note how they are started. @returns the starts so far */
async function watchStarts(): Promise<() => Promise<string[][]>> {
  const notes = await newFolder();
  for (const tool of ['ffmpeg', 'ffprobe']) {
    const script = join(await newFolder(), tool);
    await writeFile(script, `#!/bin/sh\nprintf '%s\\n' "$@" >'${notes}'/$$\nexec ${tool} "$@"\n`);
    await chmod(script, 0o755);
    vi.stubEnv(`${tool.toUpperCase()}_PATH`, script);
  }
  return async () => {
    const files = await readdir(notes);
    const texts = await Promise.all(files.map((name) => readFile(join(notes, name), 'utf8')));
    return texts.map((text) => text.split('\n'));
  };
}

/** Each input of a command, and the protocols that it may use. */
function inputsOf(args: readonly string[]): { input: string; protocols: string[] | undefined }[] {
  const inputs: { input: string; protocols: string[] | undefined }[] = [];
  let protocols: string[] | undefined;
  for (const [n, arg] of args.entries()) {
    if (arg === '-protocol_whitelist') protocols = args[n + 1]!.split(',');
    if (arg !== '-i') continue;
    inputs.push({ input: args[n + 1]!, protocols });
    protocols = undefined;
  }
  return inputs;
}

/** What an input needs, by what it is. */
function neededBy(input: string): string[] {
  if (input.startsWith('concatf:/')) return ['file', 'concatf'];
  if (/^pipe:\d+$/.test(input)) return ['pipe'];
  return input.startsWith('file:/') ? ['file'] : [];
}

it('lets no process of a cut or a join open more than it needs', async () => {
  const foreign = await encodedAnew(
    episode,
    ['-c:v', 'mpeg4', '-q:v', '3', '-enc_time_base', '1:48000', '-bsf:v', 'dump_extra'],
    folder,
  );
  const smaller = await encodedAnew(episode, ['-vf', 'scale=160:90', ...X264], folder);
  const starts = await watchStarts();
  await makeClip(episode, [[500, 2_500]], folder);
  await makeClip(foreign, [[500, 1_500]], folder);
  const files = [
    segmentFiles(await makeSegment(episode, [500, 1_500], join(await newFolder(), 's'))),
    segmentFiles(
      await makeSegment(smaller, [500, 1_500], join(await newFolder(), 's'), {
        cut: 'reencode',
        audio: 'copy',
      }),
    ),
  ];
  const work = new MediaWork(await newFolder(), new AbortController().signal);
  expect((await joinSegments(files, work)).method).toBe('reencoded');

  const inputs = (await starts()).flatMap(inputsOf);
  const kinds = new Set(inputs.map(({ input }) => /^[a-z]+/.exec(input)?.[0]));
  expect([...kinds].sort()).toEqual(['concatf', 'file', 'pipe']);
  for (const { input, protocols } of inputs) expect(protocols).toEqual(neededBy(input));
});
