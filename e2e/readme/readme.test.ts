import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ffmpeg } from '#shared/media/ffmpeg/run';
import { sampleEpisode } from '../harness/sample-episodes.ts';
import { Checkout } from './checkout.ts';
import {
  documentedCommands,
  fencedBlocks,
  linkedFiles,
  REPOSITORY,
  readDocuments,
} from './documents.ts';

/** Commands that are not run here, each with the place where they are. */
const COVERED_ELSEWHERE: Readonly<Record<string, string>> = {
  'apt-get install -y ffmpeg': 'changes the machine; .ci/run does it',
  'apt-get install -y ffmpeg awscli chromium': 'changes the machine; .ci/run does it',
  'npm ci': 'would remove the modules this test runs on; .ci/run does it',
  'npm test': 'runs this test',
  'npm run lint': '.ci/run does it',
  'npm run typecheck': '.ci/run does it',
  'npm run bench -- cut': 'measures for half an hour',
  'npm run bench -- memory': 'takes 25 GB of disk',
  'npm run bench -- api': 'measures for some minutes',
  'npm run docs:events': 'shared/docs/docs.test.ts compares what it would write',
};

interface Expectation {
  readonly command: RegExp;
  readonly output?: RegExp;
  /** It looks at what other commands lead to: it may be asked until that is there. */
  readonly eventually?: boolean;
}

/** What commands say while `npm start` serves. */
const WHILE_SERVING: readonly Expectation[] = [
  { command: /^export AWS_ACCESS_KEY_ID=/ },
  { command: /^aws .* put-events /, output: /"FailedEntryCount": 0/ },
  {
    command: /^aws .* dynamodb get-item .*renditions/s,
    output: /poster\.jpg"[\s\S]*thumbnail-3\.jpg"[\s\S]*"source",\s+"made"/,
    eventually: true,
  },
  // There is nothing to warn of in this clip.
  { command: /^aws .* dynamodb get-item .*warnings/s, output: /^None$/m },
  {
    command: /^aws .* dynamodb get-item /,
    output: /^Generation Complete\t00:00:05\tsample-episode\/clips\/my-clip\/clip\.mp4$/m,
    eventually: true,
  },
  { command: /^echo .* s3 cp - s3:/s },
  { command: /^aws .* s3 ls /, output: /clips\/from-a-file\/clip\.mp4/, eventually: true },
  { command: /^npm run audio:warm /, output: /audio_clips\/sample-episode\/47400-57900\.mp3$/m },
  { command: /^export API=/ },
  { command: /^export JOB=/ },
  { command: /^curl .*\/status/, output: /"percentage":100/, eventually: true },
  { command: /^curl .*\/download/ },
  { command: /^curl .*\/stream\?quality/ },
  { command: /^curl .*\/stream\?format=hls/, output: /^#EXT-X-STREAM-INF:/m, eventually: true },
  { command: /^curl .*\/thumbnail/, eventually: true },
  { command: /^curl .*\/metadata/, output: /"video":\{"codec":"avc1\./ },
  {
    command: /^curl .*\/clips\?limit=3/,
    output: /"jobId":"sample-episode~over-http~[0-9a-f]{32}"/,
  },
  { command: /^curl .*\/reprocess/, output: /"job":\{"jobId":"sample-episode~over-http~/ },
  { command: /^curl .*\/audio_clips/, output: /"cache_hit":true/ },
  { command: /^curl .*\/health/, output: /"status":"ok"/ },
  { command: /^npm run trace /, output: /^Trace 1-[\s\S]*Cut segment/m, eventually: true },
  { command: /^npm run replay .*--dry-run/, output: /reprocess/ },
  { command: /^npm run replay .*(--event|--except)/, output: /^ {2}COMPLETED/m },
  { command: /^aws .* start-replay /, output: /"State": "STARTING"/ },
  { command: /^aws .* describe-replay /, output: /"State": "COMPLETED"/, eventually: true },
  {
    command: /^npm run package$/,
    output:
      /^extractor +template, segmentRequested \d+ KB, clipEnded \d+ KB, warmAudioClips \d+ KB, getAudioClip \d+ KB$/m,
  },
];

/** What commands say that want the state directory for themselves. */
const AFTERWARDS: readonly Expectation[] = [
  {
    command: /^npm start -- --once --video talk\.mp4 /,
    output: /clip-1 +│ Generation Complete[\s\S]*clip-2 +│ Generation Complete/,
  },
  { command: /^npm run clean$/ },
];

const SERVE = 'npm start';
const documents = readDocuments();
const readme = documents.find(({ path }) => path === 'README.md')!.text;
const commands = documentedCommands(documents).filter(({ needsAccount }) => !needsAccount);
const hasAwsCli = spawnSync('aws', ['--version']).status === 0;

/** The commands that have an expectation, in the order in which a reader meets them. */
const commandsFor = (expectations: readonly Expectation[]) =>
  commands.flatMap(({ text }) => {
    const expectation = expectations.find(({ command }) => command.test(text));
    return expectation ? [{ title: titleOf(text), text, ...expectation }] : [];
  });

const titleOf = (text: string) => (text.length > 70 ? `${text.slice(0, 70)}…` : text);

describe('the documents', () => {
  it('hold no command that is neither run here nor covered elsewhere', () => {
    const known = [...WHILE_SERVING, ...AFTERWARDS];
    const uncovered = commands.filter(
      ({ text }) =>
        text !== SERVE &&
        !(text in COVERED_ELSEWHERE) &&
        !known.some(({ command }) => command.test(text)),
    );
    expect(uncovered).toEqual([]);
  });

  it('still hold every command that this test knows', () => {
    const texts = commands.map(({ text }) => text);
    for (const { command } of [...WHILE_SERVING, ...AFTERWARDS]) {
      expect(
        texts.filter((text) => command.test(text)),
        String(command),
      ).not.toEqual([]);
    }
    expect(texts).toEqual(expect.arrayContaining([SERVE, ...Object.keys(COVERED_ELSEWHERE)]));
  });

  it('link to files that are there', () => {
    for (const document of documents) {
      for (const file of linkedFiles(document)) {
        expect(existsSync(join(REPOSITORY, file)), `${document.path} → ${file}`).toBe(true);
      }
    }
  });

  it('show the detail of the event that the command puts', () => {
    const putEvents = commands.find(({ text }) => text.includes('put-events'))!.text;
    const [entry] = JSON.parse(/'(.*)'/s.exec(putEvents)![1]!);
    const [shown] = fencedBlocks(readme, 'json');
    expect(JSON.parse(entry.Detail)).toEqual(JSON.parse(shown!));
  });
});

describe('the documented commands', () => {
  let checkout: Checkout;
  let started: string;

  beforeAll(async () => {
    checkout = new Checkout();
    const { playlistPath } = await sampleEpisode('plain');
    await ffmpeg(['-i', playlistPath, '-c', 'copy', join(checkout.folder, 'talk.mp4')]);
    started = await checkout.serve(SERVE);
  });
  afterAll(() => checkout.remove());

  const check = async ({ text, output, eventually }: Expectation & { text: string }) => {
    const run = async () => {
      const result = await checkout.run(text);
      expect(result).toMatchObject({ exitCode: 0 });
      if (output) expect(result.output).toMatch(output);
    };
    await (eventually ? vi.waitFor(run, { timeout: 60_000, interval: 500 }) : run());
  };

  it('npm start prints what the README shows', () => {
    const [shown] = fencedBlocks(readme, 'text');
    const rows = shown!.split('\n').filter((line) => line.startsWith('│ '));
    expect(rows).toHaveLength(4);
    // Size and time differ from machine to machine.
    for (const row of rows) expect(started).toContain(row.split('│').slice(0, 5).join('│'));
    expect(started).toContain(shown!.match(/^past-the-end: .*$/m)![0]);
  });

  describe('while npm start serves', () => {
    for (const command of commandsFor(WHILE_SERVING)) {
      const isMissing = command.text.includes('aws --endpoint-url') && !hasAwsCli;
      it.skipIf(isMissing)(command.title, () => check(command));
    }

    it('Ctrl-C stops it in order', async () => {
      await checkout.interrupt();
      // npm itself dies of the signal, so its exit code tells nothing; a stack that was killed leaves this.
      expect(existsSync(join(checkout.folder, '.splicebus', 'lock'))).toBe(false);
    });
  });

  describe('afterwards', () => {
    for (const command of commandsFor(AFTERWARDS)) it(command.title, () => check(command));

    it('clips of an own video lie where the README says, and the state is gone', () => {
      expect(readdirSync(join(checkout.folder, 'clips'))).toEqual(['clip-1.mp4', 'clip-2.mp4']);
      expect(existsSync(join(checkout.folder, 'out.json'))).toBe(true);
      expect(existsSync(join(checkout.folder, '.splicebus'))).toBe(false);
    });
  });
});
