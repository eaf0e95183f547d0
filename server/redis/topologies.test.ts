import { describe } from 'vitest';
import { useBusRig } from '#server/testing/bus-rig.ts';
import { deliveryTests } from '#server/testing/conformance/delivery.ts';
import { outageTests } from '#server/testing/conformance/outages.ts';
import { queueTests } from '#server/testing/conformance/queue.ts';
import { subscriptionTests } from '#server/testing/conformance/subscriptions.ts';
import { testApp } from '#server/testing/resources.ts';

describe.each(['tls', 'sentinel', 'cluster'] as const)('Redis: %s', (kind) => {
  const rig = useBusRig(kind);
  deliveryTests(rig);
  subscriptionTests(rig);
  describe('the queue', () => queueTests((options) => testApp({ redis: rig().env, ...options })));
  // Last: a node of a cluster that was restarted takes seconds until it serves keys again. Sentinels and their servers speak TLS, too.
  if (kind !== 'tls') outageTests(rig);
});
