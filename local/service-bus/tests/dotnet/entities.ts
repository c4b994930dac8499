/** The entities that the scenarios take one after the other; in the emulator's format. */

const copies = 60

/** Kinds of queues: `KIND-1` to `KIND-60`. */
const queues: Readonly<Record<string, object>> = {
  plain: {},
  sessions: { RequiresSession: true },
  short: { LockDuration: 'PT5S' },
  shortsessions: { RequiresSession: true, LockDuration: 'PT5S' },
  twice: { MaxDeliveryCount: 2 },
  unique: { RequiresDuplicateDetection: true },
  expiring: { DefaultMessageTimeToLive: 'PT1S', DeadLetteringOnMessageExpiration: true },
}

const everything = {
  Name: '$Default',
  Properties: { FilterType: 'Sql', SqlFilter: { SqlExpression: '1=1' } },
}

export const config = {
  UserConfig: {
    Namespaces: [
      {
        Name: 'conformance',
        Queues: Object.entries(queues).flatMap(([kind, Properties]) =>
          numbers().map((n) => ({ Name: `${kind}-${n}`, Properties })),
        ),
        Topics: numbers().map((n) => ({
          Name: `topic-${n}`,
          Properties: {},
          Subscriptions: ['a', 'b'].map((Name) => ({ Name, Properties: {}, Rules: [everything] })),
        })),
      },
    ],
  },
}

function numbers(): number[] {
  return Array.from({ length: copies }, (_, i) => i + 1)
}
