import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extractArtifact } from '#local/packaging/extract-artifact';
import { type PackagedStacks, packagedStacks, REGION } from './packaged-stacks.ts';

const MAX_BUNDLE_BYTES = 1024 * 1024;
const LOAD_HANDLER = 'process.stdout.write(typeof require(process.argv[1]).handler)';

let packaged: PackagedStacks;
/** Outside of the repository: a bundle that reaches for node_modules finds none. */
let directory: string;

beforeAll(async () => {
  packaged = await packagedStacks();
  directory = await mkdtemp(join(tmpdir(), 'splicebus-bundles-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** What Lambda itself sets beside the function's own variables; Powertools and X-Ray act on them. */
function lambdaVariables(functionName: string, taskRoot: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    TZ: ':UTC',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SESSION_TOKEN: 'test',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef',
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
    LAMBDA_TASK_ROOT: taskRoot,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    // Lambda's Node is newer than the oldest this repository runs on, of which the SDK warns.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
  };
}

describe('every bundle', () => {
  it('loads as Lambda loads it, from a megabyte at most', async () => {
    const functions = packaged.resources('AWS::Lambda::Function');
    const artifacts = packaged.services.flatMap((service) => service.artifacts);
    expect(artifacts).toHaveLength(functions.length);
    for (const { ref, properties } of functions) {
      const artifact = artifacts.find(({ functionName }) => ref.endsWith(`-${functionName}`));
      const taskRoot = await extractArtifact(artifact?.path as string, directory);
      const [module, exported] = String(properties.Handler).split('.');
      expect(exported, ref).toBe('handler');
      const bundle = join(taskRoot, `${module}.cjs`);
      expect((await stat(bundle)).size, ref).toBeLessThan(MAX_BUNDLE_BYTES);

      const { Variables } = properties.Environment as unknown as {
        Variables: Record<string, string>;
      };
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        ['-e', LOAD_HANDLER, bundle],
        { cwd: taskRoot, env: { ...lambdaVariables(ref, taskRoot), ...Variables } },
      );
      expect({ ref, stdout, stderr }).toEqual({ ref, stdout: 'function', stderr: '' });
    }
  });
});
