import { AwsError } from '#local/gateway/service';

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** What Node's timers can wait for; a longer wait would end at once. */
const LONGEST_PERIOD_MS = 2 ** 31 - 1;

/**
 * Reads `rate(5 minutes)`.
 * @returns the period in milliseconds
 * @throws AwsError `ValidationException`, also for `cron()`, which the embedded stack does not run
 */
export function ratePeriodMs(expression: string): number {
  const [, count = '', unit, plural] =
    /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  const periodMs = Number(count) * (UNIT_MS[unit as keyof typeof UNIT_MS] ?? 0);
  if (periodMs === 0 || (count === '1') !== (plural === '')) {
    const hint = expression.startsWith('cron(')
      ? 'The embedded stack runs rate() schedules only; cron() works once deployed.'
      : 'It is rate(value unit), such as rate(1 minute) or rate(5 hours).';
    throw new AwsError('ValidationException', `Parameter ScheduleExpression is not valid. ${hint}`);
  }
  if (periodMs > LONGEST_PERIOD_MS) {
    throw new AwsError('ValidationException', 'The embedded stack runs rates of up to 24 days.');
  }
  return periodMs;
}

/** Timers of schedule rules, each under its rule's ARN. */
export class Schedules {
  readonly #timers = new Map<string, { timer: NodeJS.Timeout; expression: string }>();

  /** Calls `onTime` every period from now on; a schedule that is the same already keeps its pace. */
  set(ruleArn: string, expression: string, onTime: () => void): void {
    if (this.#timers.get(ruleArn)?.expression === expression) return;
    this.clear(ruleArn);
    const timer = setInterval(onTime, ratePeriodMs(expression));
    this.#timers.set(ruleArn, { timer, expression });
  }

  clear(ruleArn: string): void {
    clearInterval(this.#timers.get(ruleArn)?.timer);
    this.#timers.delete(ruleArn);
  }

  close(): void {
    for (const ruleArn of this.#timers.keys()) this.clear(ruleArn);
  }
}
