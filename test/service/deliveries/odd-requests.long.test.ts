import { describeOddRequests } from "../../under-odd-requests.ts";

describeOddRequests(10_000);
