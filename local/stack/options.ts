import type { BusEvent, DeliveryOutcome, EventBridge } from '../eventbridge/index.ts';
import type { TokenRequest } from '../issuer/index.ts';
import type { LambdaService, LogEntry } from '../lambda/index.ts';
import type { PackagedService } from '../packaging/package-services.ts';
import type { Notification } from '../sns/sns.ts';
import type { XrayDaemon } from '../xray/index.ts';

export interface StackOptions {
  /** All state: objects, items, queues, archives, logs, traces. Default: `.splicebus`. */
  readonly stateDir?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** The port of the HTTP API. Default 0: any free port. */
  readonly apiPort?: number;
  /** The stage the services are packaged for; it is part of every name. Default: `dev`. */
  readonly stage?: string;
  /** The services to run beside `shared`, by directory name. Default: all. */
  readonly services?: readonly string[];
  /** What to boot from. Default: packages the services of this repository, if their sources changed. */
  readonly packages?: readonly PackagedService[];
  /** Lambda's pauses before the retries of a queued event. Default: as AWS, 1 and 2 minutes. */
  readonly retryDelaysMs?: readonly number[];
  /** Multiplies the pauses of EventBridge's retries; below 1 in tests. Default: 1. */
  readonly eventRetryScale?: number;
  /** Environment variables of every function that go before its template's: `FFMPEG_PATH`, `LOG_LEVEL`. */
  readonly hostEnvironment?: Readonly<Record<string, string>>;
  /** What templates read from the Parameter Store, by parameter name. */
  readonly ssmParameters?: Readonly<Record<string, string>>;
  readonly onEvent?: (busName: string, event: BusEvent) => void;
  readonly onDelivery?: (outcome: DeliveryOutcome) => void;
  readonly onLog?: (entry: LogEntry) => void;
  readonly onNotification?: (notification: Notification) => void;
}

/** A running stack. The names come from the templates' exports. */
export interface Stack {
  /** The endpoint of every AWS service: `http://127.0.0.1:PORT`. */
  readonly endpointUrl: string;
  readonly port: number;
  /** The HTTP API's URL, without a slash at the end: `http://127.0.0.1:PORT`. */
  readonly apiUrl: string;
  readonly region: string;
  readonly accountId: string;
  readonly busName: string;
  readonly tableName: string;
  readonly bucketName: string;
  readonly deadLetterQueueUrl: string;
  /** All exports of all templates, by name. */
  readonly exports: ReadonlyMap<string, string>;
  /** Resources of the templates that are not built locally. */
  readonly ignored: readonly IgnoredResource[];
  /** The bucket's objects as plain files. */
  readonly s3Dir: string;
  readonly lambda: LambdaService;
  readonly eventbridge: EventBridge;
  readonly xray: XrayDaemon;
  /** A token for the HTTP API, verified like those of any OIDC provider. */
  devToken(request: TokenRequest): Promise<string>;
  /** Resolves when no function runs, no delivery or retry is pending and no queue holds work. */
  idle(): Promise<void>;
  /** Ends every process and timer; what is queued goes on at the next start. */
  stop(): Promise<void>;
}

export interface IgnoredResource {
  /** `stack.LogicalId` */
  readonly resource: string;
  readonly type: string;
  readonly reason: string;
}
