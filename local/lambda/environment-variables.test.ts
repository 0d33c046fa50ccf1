import path from 'node:path';
import { expect, it } from 'vitest';
import { fixture, temporaryDirectory, testLambda } from './test-lambda.ts';

interface Answer {
  variables: Record<string, string>;
  workingDirectory: string;
  home: string;
  tempEntries: string[];
}

it('a function sees exactly the environment of Lambda, and nothing of the host', async () => {
  process.env.A_SECRET_OF_THE_HOST = 'leaked';
  const stateDir = await temporaryDirectory();
  const lambda = await testLambda({
    stateDir,
    xrayAddress: '127.0.0.1:2000',
    hostEnvironment: { FFMPEG_PATH: '/usr/bin/ffmpeg' },
  });
  const config = fixture('answers-with-its-environment.handler', {
    environment: { TABLE_NAME: 'clips', FFMPEG_PATH: '/opt/bin/ffmpeg', AWS_REGION: 'elsewhere' },
  });
  lambda.register(config);

  const { payload } = await lambda.invoke(config.functionName, {});

  const { variables, workingDirectory, home, tempEntries } = payload as Answer;
  expect(variables).toEqual({
    PATH: process.env.PATH,
    LANG: 'en_US.UTF-8',
    TZ: 'UTC',
    HOME: expect.stringContaining(path.join(stateDir, 'tmp')),
    TMPDIR: variables.HOME,
    TABLE_NAME: 'clips',
    FFMPEG_PATH: '/usr/bin/ffmpeg',
    _HANDLER: 'answers-with-its-environment.handler',
    _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Sampled=0$/),
    LAMBDA_TASK_ROOT: config.codeDir,
    LAMBDA_RUNTIME_DIR: import.meta.dirname,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
    AWS_LAMBDA_FUNCTION_NAME: config.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${config.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: expect.any(String),
    AWS_REGION: 'eu-central-1',
    AWS_DEFAULT_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIATESTFUNCTION',
    AWS_SECRET_ACCESS_KEY: expect.any(String),
    AWS_SESSION_TOKEN: expect.any(String),
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
  });
  expect(workingDirectory).toBe(config.codeDir);
  expect(home).toBe(variables.TMPDIR);
  expect(tempEntries).toEqual([expect.stringMatching(/^left-behind-/)]);
});
