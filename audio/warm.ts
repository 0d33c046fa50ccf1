import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { formatTime } from '#shared/time';
import { connect, problemOf } from '../replay/connection.ts';
import type { WarmedMoment } from '../services/extractor/src/audio-clips/warm-audio-clips.ts';
import type { Moment } from './moments.ts';
import { parseWarmOptions, USAGE, type WarmOptions } from './options.ts';

// npm run audio:warm -- --tenant T --episode E --moments …: see USAGE

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** So few that there is something to be seen every now and then. */
const MOMENTS_PER_CALL = 10;
/** As long as the function may take. */
const CALL_TIMEOUT_MS = 900_000;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const command = parseWarmOptions(args);
  if ('problem' in command) {
    console.error(`${command.problem} See npm run audio:warm -- --help`);
    return EXIT_USAGE;
  }
  if ('help' in command) {
    console.log(USAGE);
    return 0;
  }
  try {
    return await warm(command);
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined) throw error;
    console.error(problem);
    return EXIT_FAILED;
  }
}

async function warm(options: WarmOptions): Promise<number> {
  const { moments, stage } = options;
  const { endpoint, clientConfig } = connect(options, process.cwd());
  const lambda = new LambdaClient({
    ...clientConfig,
    // A call that is made again while the first one still works would only wait for it.
    maxAttempts: 1,
    requestHandler: { socketTimeout: CALL_TIMEOUT_MS },
  });
  const functionName = `splicebus-extractor-${stage}-warmAudioClips`;
  console.log(`${functionName} at ${endpoint ?? `AWS, ${await lambda.config.region()}`}`);
  let failures = 0;
  for (let from = 0; from < moments.length; from += MOMENTS_PER_CALL) {
    const some = moments.slice(from, from + MOMENTS_PER_CALL);
    const warmed = await invoke(lambda, functionName, options, some);
    if ('problem' in warmed) {
      console.error(warmed.problem);
      return EXIT_FAILED;
    }
    for (const moment of warmed.moments) console.log(`  ${lineOf(moment)}`);
    failures += warmed.moments.filter((moment) => 'error' in moment).length;
  }
  return failures === 0 ? 0 : EXIT_FAILED;
}

async function invoke(
  lambda: LambdaClient,
  functionName: string,
  { tenantId, episodeId }: WarmOptions,
  moments: readonly Moment[],
): Promise<{ moments: WarmedMoment[] } | { problem: string }> {
  const request = JSON.stringify({ tenantId, episodeId, moments });
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, Payload: request }),
  );
  const answer = JSON.parse(Payload!.transformToString());
  return FunctionError ? { problem: answer.errorMessage } : answer;
}

function lineOf(moment: WarmedMoment): string {
  const span = `${formatTime(moment.startMs)}–${formatTime(moment.endMs)}`;
  if ('error' in moment) return `${span}  ${moment.error.code}: ${moment.error.message}`;
  const { cacheHit, generationTimeMs, fileSizeBytes, s3Key, warnings = [] } = moment;
  const how = cacheHit ? 'was there' : `made in ${(generationTimeMs / 1000).toFixed(2)} s`;
  const less = warnings.map(({ code, message }) => `\n    ⚠ ${code}: ${message}`).join('');
  return `${span}  ${how}, ${Math.ceil(fileSizeBytes / 1000)} KB: ${s3Key}${less}`;
}
