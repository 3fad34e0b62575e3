import { Page } from "../../parts/page.tsx";
import { Empty } from "../../parts/quiet.tsx";

/** The page Problems. */
export function Problems(_: { parts: string[] }) {
  return (
    <Page title="Problems" sentence="This page comes next." command="problems">
      <Empty title="Not here yet" icon="clock" />
    </Page>
  );
}
