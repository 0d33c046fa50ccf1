import type { FunctionConfig } from './function-config.ts';

/** The runner's part of a function's environment; the template gives the rest. */
export interface EnvironmentSettings {
  endpointUrl: string;
  region: string;
  /** `host:port` of the X-Ray daemon. */
  xrayAddress?: string;
  /** Values of this machine that go before the template's: `FFMPEG_PATH`, `PATH`. */
  hostEnvironment?: Readonly<Record<string, string>>;
}

/**
 * The whole `process.env` of an execution environment, as Lambda defines it. Of the host only PATH
 * gets in: what a function sees here and would not see in Lambda is a bug that waits for deployment.
 *
 * @param tempDir stands in for `/tmp`; also the home directory, so that no SDK reads the
 *   developer's own `~/.aws`
 */
export function environmentVariables(
  config: FunctionConfig,
  settings: EnvironmentSettings,
  tempDir: string,
  logStreamName: string,
): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    ...config.environment,
    ...settings.hostEnvironment,
    HOME: tempDir,
    TMPDIR: tempDir,
    // Lambda says ":UTC", which Node.js does not understand outside of it.
    TZ: 'UTC',
    _HANDLER: config.handler,
    LAMBDA_TASK_ROOT: config.codeDir,
    LAMBDA_RUNTIME_DIR: import.meta.dirname,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
    AWS_LAMBDA_FUNCTION_NAME: config.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${config.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    AWS_REGION: settings.region,
    AWS_DEFAULT_REGION: settings.region,
    AWS_ACCESS_KEY_ID: config.accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'splicebus-local-secret',
    AWS_SESSION_TOKEN: 'splicebus-local-session',
    AWS_ENDPOINT_URL: settings.endpointUrl,
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    ...(settings.xrayAddress ? { AWS_XRAY_DAEMON_ADDRESS: settings.xrayAddress } : {}),
  };
}
