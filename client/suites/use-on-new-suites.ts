import { useEffect, useEffectEvent, useMemo, useState } from 'react';
import { useActivity } from '#client/runs/activity/use-activity.ts';

/** Calls `onNew` when the feed names a suite that it has not named since the page was opened. */
export function useOnNewSuites(onNew: () => void) {
  const { runs } = useActivity();
  const count = useMemo(() => new Set([...runs.values()].map(({ suiteId }) => suiteId)).size, [runs]);
  const [known] = useState(count);
  const report = useEffectEvent(onNew);
  useEffect(() => {
    if (count > known) report();
  }, [count, known]);
}
