import type { Target } from '../target/target.ts';

/** Made at every boot from a template, so not kept across restarts: a rule deleted from the template is gone. */
interface Origin {
  readonly fromTemplate: boolean;
}

export interface Bus extends Origin {
  readonly name: string;
  readonly arn: string;
  readonly description?: string | undefined;
  readonly createdSeconds: number;
}

export interface Rule extends Origin {
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  readonly description?: string | undefined;
  /** JSON text, as given. */
  readonly eventPattern?: string | undefined;
  readonly scheduleExpression?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly targets: readonly Target[];
}

export interface Archive extends Origin {
  readonly name: string;
  readonly arn: string;
  readonly busArn: string;
  readonly description?: string | undefined;
  /** JSON text, as given. */
  readonly eventPattern?: string | undefined;
  /** 0 keeps events for ever. */
  readonly retentionDays: number;
  readonly createdSeconds: number;
}

export type ReplayState =
  | 'STARTING'
  | 'RUNNING'
  | 'CANCELLING'
  | 'COMPLETED'
  | 'CANCELLED'
  | 'FAILED';

/** All times in seconds since 1970. */
export interface Replay {
  readonly name: string;
  readonly arn: string;
  readonly description?: string | undefined;
  readonly archiveArn: string;
  readonly busArn: string;
  /** The rules that see the replayed events; empty means all of the bus. */
  readonly ruleArns: readonly string[];
  /** Events of this time and later … */
  readonly fromSeconds: number;
  /** … up to and including this time. */
  readonly toSeconds: number;
  readonly state: ReplayState;
  readonly stateReason?: string | undefined;
  /** The `time` of the event replayed last. */
  readonly lastReplayedSeconds?: number | undefined;
  readonly startedSeconds: number;
  readonly endedSeconds?: number | undefined;
}
