import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingestEpisode } from '#local/ingest/ingest-episode';
import { type PackagedService, packageServices } from '#local/packaging/package-services';
import { cachedEpisode } from '#local/sample/index';
import { type Stack, startStack } from '#local/stack/index';
import type { JobAnswer } from '#shared/api/fields';
import { ffmpegPath, ffprobePath } from '#shared/media/ffmpeg/run';
import { CACHE } from '../episodes/bench-episode.ts';
import { serveTasks } from '../measure/serve-tasks.ts';
import { clientConfig } from '../memory/episode-stack.ts';

// The process that holds the embedded stack, so that it does not share an event loop with its clients.

const TENANT_ID = 'bench';
const EPISODE_ID = 'episode';
const CLIPS = 30;

/** The API, and what can be asked of it. */
export interface OpenApi {
  apiUrl: string;
  token: string;
  paths: Record<string, string>;
}

void main();

async function main(): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), 'splicebus-bench-stack-'));
  const stack = await startStack({
    stateDir,
    packages: await unthrottled(stateDir),
    hostEnvironment: { FFMPEG_PATH: ffmpegPath(), FFPROBE_PATH: ffprobePath() },
  });
  serveTasks(
    () => prepare(stack),
    async () => {
      await stack.stop();
      await rm(stateDir, { recursive: true, force: true });
      process.exit();
    },
  );
}

/** The API's own limit is lifted: what is to be seen is what lies behind it. */
async function unthrottled(folder: string): Promise<PackagedService[]> {
  const packages = await packageServices();
  const shared = packages.find(({ name }) => name === 'shared')!;
  const template = JSON.parse(await readFile(shared.templatePath, 'utf8'));
  template.Resources.HttpApiStage.Properties.DefaultRouteSettings = {
    ThrottlingRateLimit: 1_000_000,
    ThrottlingBurstLimit: 1_000_000,
  };
  const templatePath = join(folder, 'shared.json');
  await writeFile(templatePath, JSON.stringify(template));
  return packages.map((service) => (service === shared ? { ...shared, templatePath } : service));
}

async function prepare(stack: Stack): Promise<OpenApi> {
  const episode = await cachedEpisode(CACHE, { width: 320, height: 180, seconds: 60 });
  const ids = { tenantId: TENANT_ID, episodeId: EPISODE_ID, trackName: 'main' };
  await ingestEpisode(episode.playlistPath, ids, { ...stack, client: clientConfig(stack) });
  const token = await stack.devToken({ tenantId: TENANT_ID });
  const jobs = await generate(stack.apiUrl, token);
  await stack.idle();
  const paths = {
    'status of a job': jobs[0]!.links.status,
    [`list of ${CLIPS} clips`]: `/api/v1/episodes/${EPISODE_ID}/clips?limit=${CLIPS}`,
    'audio clip that is there': `/api/v1/audio_clips/${EPISODE_ID}?start_time_ms=10000&duration_ms=20000`,
  };
  return { apiUrl: stack.apiUrl, token, paths };
}

async function generate(apiUrl: string, token: string): Promise<JobAnswer[]> {
  const clips = Array.from({ length: CLIPS }, (_, n) => ({
    segments: [{ startTime: n + 1, endTime: n + 2 }],
  }));
  const response = await fetch(`${apiUrl}/api/v1/videos/generate`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ episodeId: EPISODE_ID, clips }),
  });
  const answer = (await response.json()) as { jobs: JobAnswer[] };
  if (response.status !== 202) throw new Error(`No clips: ${JSON.stringify(answer)}`);
  return answer.jobs;
}
