import { Page } from "../../parts/page.tsx";
import { Empty } from "../../parts/quiet.tsx";

/** The page Settings. */
export function Settings(_: { parts: string[] }) {
  return (
    <Page title="Settings" sentence="This page comes next." command="settings">
      <Empty title="Not here yet" icon="clock" />
    </Page>
  );
}
