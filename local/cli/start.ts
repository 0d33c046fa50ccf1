import { EventEmitter } from 'node:events';
import { resolve } from 'node:path';
import { ffmpegPath, ffprobePath } from '#shared/media/ffmpeg/run';
import { checkMediaTools } from '#shared/media/ffmpeg/tools';
import type { BusEvent } from '../eventbridge/index.ts';
import { IngestError } from '../ingest/ingest-error.ts';
import { packageServices } from '../packaging/package-services.ts';
import { PackagingError } from '../packaging/packaging-error.ts';
import { SampleError } from '../sample/index.ts';
import { BootError, checkStart, startStack } from '../stack/index.ts';
import { prepareEpisode } from './episode-source.ts';
import { makeClips } from './make-clips.ts';
import { nextSteps } from './next-steps.ts';
import { parseStartOptions, type StartOptions, USAGE } from './start-options.ts';
import { UsageError } from './usage-error.ts';

// npm start [-- options]: see USAGE

// The SDK's advice on Node.js versions is for whoever deploys, not for whoever tries this out.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const EXIT_FAILED = 1;
/** Bad options, or nothing that could be started. */
const EXIT_NOT_STARTED = 2;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    const options = parseStartOptions(args);
    if (!options.help) return await start(options);
    process.stdout.write(USAGE);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) return complain(error.message, EXIT_NOT_STARTED);
    if (error instanceof BootError) return complain(error.message, EXIT_NOT_STARTED);
    const expected = [IngestError, PackagingError, SampleError];
    if (!expected.some((type) => error instanceof type)) throw error;
    return complain((error as Error).message, EXIT_FAILED);
  }
}

async function start(options: StartOptions): Promise<number> {
  const tools = await checkMediaTools();
  if ('problem' in tools) return complain(tools.problem, EXIT_NOT_STARTED);
  await checkStart(options.stateDir, [options.port, options.apiPort]);

  console.log('Packaging the services and preparing the episode …');
  const [packages, episode] = await Promise.all([packageServices(), prepareEpisode(options)]);
  const bus = new EventEmitter<{ event: [BusEvent] }>();
  const stack = await startStack({
    stateDir: options.stateDir,
    port: options.port,
    apiPort: options.apiPort,
    packages,
    hostEnvironment: mediaTools(),
    onEvent: (_busName, event) => bus.emit('event', event),
  });
  try {
    console.log(`An AWS of your own listens on ${stack.endpointUrl} (FFmpeg ${tools.version}).`);
    console.log(`Its HTTP API: ${stack.apiUrl}`);
    const isAsExpected = await makeClips(stack, episode, options, bus);
    if (!options.once) {
      const interruption = interrupted();
      console.log(nextSteps(stack, resolve(options.stateDir), episode));
      await interruption;
    }
    return isAsExpected ? 0 : EXIT_FAILED;
  } finally {
    await stack.stop();
  }
}

/** The functions look for FFmpeg in the layer at /opt; here it is wherever this machine has it. */
function mediaTools(): Record<string, string> {
  return { FFMPEG_PATH: ffmpegPath(), FFPROBE_PATH: ffprobePath() };
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

function complain(message: string, exitCode: number): number {
  console.error(message);
  return exitCode;
}
