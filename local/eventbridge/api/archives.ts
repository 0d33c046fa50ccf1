import * as z from 'zod';
import { AwsError } from '#local/gateway/service';
import { nameOf } from '../arn.ts';
import type { Archive } from '../state/records.ts';
import {
  arn,
  description,
  eventPattern,
  namePrefix,
  pageOf,
  paging,
  resourceName,
} from './fields.ts';
import { checkedPattern, operation, type Services } from './operation.ts';

const archiveName = resourceName(48);
const oneArchive = z.object({ ArchiveName: archiveName });

/** CreateArchive and its kin. A template may create an archive that exists; its events stay. */
export function archiveOperations({ arns, registry, archives }: Services) {
  const resources = (input: { ArchiveName: string }) => [arns.archive(input.ArchiveName)];

  return {
    CreateArchive: operation({
      input: oneArchive.extend({
        EventSourceArn: arn,
        Description: description,
        EventPattern: eventPattern.optional(),
        RetentionDays: z.int().min(0).default(0),
      }),
      resources,
      run(
        { ArchiveName, EventSourceArn, Description, EventPattern, RetentionDays },
        { fromTemplate },
      ) {
        if (registry.archives.has(ArchiveName) && !fromTemplate) {
          throw new AwsError(
            'ResourceAlreadyExistsException',
            `Archive ${ArchiveName} already exists.`,
          );
        }
        const bus = registry.bus(nameOf(EventSourceArn));
        if (EventPattern !== undefined) checkedPattern(EventPattern);
        const archive: Archive = {
          name: ArchiveName,
          arn: arns.archive(ArchiveName),
          busArn: bus.arn,
          description: Description,
          eventPattern: EventPattern,
          retentionDays: RetentionDays,
          createdSeconds: Math.floor(Date.now() / 1000),
          fromTemplate,
        };
        registry.archives.set(ArchiveName, archive);
        registry.save();
        return { ArchiveArn: archive.arn, State: 'ENABLED', CreationTime: archive.createdSeconds };
      },
    }),

    DescribeArchive: operation({
      input: oneArchive,
      resources,
      async run({ ArchiveName }) {
        const archive = registry.archive(ArchiveName);
        return {
          ArchiveArn: archive.arn,
          Description: archive.description,
          EventPattern: archive.eventPattern,
          ...(await summary(archive)),
        };
      },
    }),

    ListArchives: operation({
      input: z.object({
        NamePrefix: namePrefix,
        EventSourceArn: arn.optional(),
        State: z.string().optional(),
        ...paging,
      }),
      resources: () => [arns.archive('*')],
      async run({ NamePrefix = '', EventSourceArn, State = 'ENABLED', ...page }) {
        const matching = [...registry.archives.values()].filter(
          ({ name, busArn }) =>
            name.startsWith(NamePrefix) &&
            State === 'ENABLED' &&
            (EventSourceArn === undefined || busArn === EventSourceArn),
        );
        const { records, NextToken } = pageOf(matching, page);
        return { Archives: await Promise.all(records.map(summary)), NextToken };
      },
    }),

    DeleteArchive: operation({
      input: oneArchive,
      resources,
      async run({ ArchiveName }) {
        const archive = registry.archive(ArchiveName);
        registry.archives.delete(ArchiveName);
        registry.save();
        await archives.remove(archive);
        return {};
      },
    }),
  };

  async function summary(archive: Archive) {
    const { eventCount, sizeBytes } = await archives.statistics(archive);
    return {
      ArchiveName: archive.name,
      EventSourceArn: archive.busArn,
      State: 'ENABLED',
      RetentionDays: archive.retentionDays,
      EventCount: eventCount,
      SizeBytes: sizeBytes,
      CreationTime: archive.createdSeconds,
    };
  }
}
