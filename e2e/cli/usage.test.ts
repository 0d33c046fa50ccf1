import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runScript } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'splicebus-usage-'));
afterAll(() => rmSync(folder, { recursive: true }));

const start = (args: string[], env?: Record<string, string>) =>
  runScript('start', args, folder, env);
const ONE_LINE = /^[^\n]{20,}\n$/;

it('npm start -- --help explains every option, and does nothing else', async () => {
  const { exitCode, stdout, stderr } = await start(['--help']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const options = [
    ...['video', 'playlist', 'audio-file', 'clip', 'out', 'json', 'once', 'port', 'state'],
    ...['cut', 'gaps', 'quality', 'audio', 'audio-track', 'audio-channels', 'deinterlace'],
    ...['allow-hevc', 'hdr', 'strict'],
  ];
  for (const option of options) {
    expect(stdout).toContain(`--${option}`);
  }
  expect(readdirSync(folder)).toEqual([]);
});

it.each<[says: RegExp, args: string[]]>([
  [/--vidio/, ['--vidio', 'x.mp4']],
  [/no file nowhere\.mp4/, ['--video', 'nowhere.mp4', '--clip', '1-2']],
  [/--clip/, ['--video', '/dev/null']],
  [/START-END/, ['--video', '/dev/null', '--clip', 'soon']],
  [/later than the start/, ['--video', '/dev/null', '--clip', '1-2,5-4']],
  [/--port/, ['--port', '99999']],
  [/--audio-file FILE/, ['--audio', 'sound.m4a']],
  [/--gaps takes fail, skip or black/, ['--gaps', 'maybe']],
])('bad options get one line and exit code 2: %s', async (says, args) => {
  const { exitCode, stdout, stderr } = await start(args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(ONE_LINE);
  expect(stderr).toMatch(says);
});

it('a machine without FFmpeg is told so in one line, before anything else', async () => {
  const { exitCode, stdout, stderr } = await start(['--once'], { FFMPEG_PATH: '/nonexistent' });
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(ONE_LINE);
  expect(stderr).toMatch(/\/nonexistent.*apt-get install/);
});

it('what is no video is named in one line', async () => {
  writeFileSync(join(folder, 'notes.mp4'), 'This is no video.');
  const { exitCode, stderr } = await start([
    ...['--once', '--port', '0', '--video', 'notes.mp4', '--clip', '1-2'],
  ]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(ONE_LINE);
  expect(stderr).toContain('notes.mp4');
});

it('a playlist whose chunks are not there is named in one line', async () => {
  const text = '#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nlost.ts\n#EXT-X-ENDLIST\n';
  writeFileSync(join(folder, 'index.m3u8'), text);
  const { exitCode, stderr } = await start([
    ...['--once', '--port', '0', '--playlist', 'index.m3u8', '--clip', '1-2'],
  ]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(ONE_LINE);
  expect(stderr).toContain('lost.ts');
});

it.each(['--port', '--api-port'])(
  'a port that is taken is named in one line, before anything is made: %s',
  async (option) => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const { exitCode, stdout, stderr } = await start(['--once', option, String(port)]);
    server.close();
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(ONE_LINE);
    expect(stderr).toContain(String(port));
  },
);

describe('a state directory that cannot be used is named in one line, with what is wrong', () => {
  const state = (name: string) => join(folder, name);
  const refused = async (stateDir: string) => {
    const { exitCode, stderr } = await start([
      ...['--once', '--port', '0', '--state', stateDir],
      ...['--playlist', 'index.m3u8', '--clip', '1-2'],
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(ONE_LINE);
    return stderr;
  };

  it('a file', async () => {
    writeFileSync(state('file'), '');
    expect(await refused(state('file'))).toMatch(/file cannot be used: it is a file/);
    expect(await refused(state('file/below'))).toMatch(/a part of its path is a file/);
  });

  it('one that is in use', async () => {
    mkdirSync(state('used'));
    writeFileSync(state('used/lock'), String(process.pid));
    expect(await refused(state('used'))).toMatch(/Another stack/);
  });
});
