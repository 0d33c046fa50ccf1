import { AwsError } from '../gateway/service.ts';

/** What the packaged templates say about one function: code, limits, environment, failure handling. */
export interface FunctionConfig {
  functionName: string;
  functionArn: string;
  /** `path/file.export`; the file is resolved to `.js`, `.mjs` or `.cjs` inside `codeDir`. */
  handler: string;
  /** The unpacked deployment bundle; becomes `LAMBDA_TASK_ROOT` and the working directory. */
  codeDir: string;
  memoryMb: number;
  timeoutSeconds: number;
  /** The template's environment variables. */
  environment: Readonly<Record<string, string>>;
  /** Simultaneous invocations, at most; 0 throttles every one. Absent: the shared pool. */
  reservedConcurrency?: number;
  /** The key the function signs with; the gateway tells its role by it. */
  accessKeyId: string;
  /** Retries of a queued event after function errors. Default 2. */
  maximumRetryAttempts?: number;
  /** A queued event older than this is given up. Default 21600 (six hours). */
  maximumEventAgeSeconds?: number;
  onFailureArn?: string;
  onSuccessArn?: string;
  /** `Active` X-Ray tracing; when false, an incoming trace header is only passed through. */
  tracing: boolean;
}

export const DEFAULT_RETRY_ATTEMPTS = 2;
export const DEFAULT_EVENT_AGE_SECONDS = 6 * 60 * 60;

/**
 * The name becomes part of file names, so it is held to Lambda's own grammar.
 * @throws AwsError `InvalidParameterValueException`
 */
export function checkFunctionName(functionName: string): void {
  if (!/^[a-zA-Z0-9-_]{1,64}$/.test(functionName)) {
    throw new AwsError(
      'InvalidParameterValueException',
      `"${functionName}" is no function name: use 1 to 64 letters, digits, hyphens and underscores.`,
    );
  }
}

/** The bare name in any form of reference: a name, `account:function:name`, an ARN with or without qualifier. */
export function functionNameOf(nameOrArn: string): string {
  return /(?:^|:)function:([^:]+)/.exec(nameOrArn)?.[1] ?? nameOrArn.split(':')[0] ?? '';
}
