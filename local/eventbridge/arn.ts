import type { Home } from './event.ts';

export const DEFAULT_BUS = 'default';

/** The ARNs of one account and region. */
export function arnsOf({ accountId, region }: Home) {
  const arn = (resource: string) => `arn:aws:events:${region}:${accountId}:${resource}`;
  return {
    bus: (name: string) => arn(`event-bus/${name}`),
    /** A rule on the default bus has no bus in its ARN. */
    rule: (busName: string, name: string) =>
      arn(busName === DEFAULT_BUS ? `rule/${name}` : `rule/${busName}/${name}`),
    archive: (name: string) => arn(`archive/${name}`),
    replay: (name: string) => arn(`replay/${name}`),
  };
}

export type Arns = ReturnType<typeof arnsOf>;

/** The last part of an ARN such as a bus's or an archive's; a plain name stays as it is. */
export function nameOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1) : nameOrArn;
}
