// rights.ts - what somebody's roles let them do; the server decides, pages only
// leave out what it would refuse.
import type { Me } from '../types';

const one = (me: Me, ...roles: string[]) => me.user.roles.some(r => roles.includes(r));

export const mayEdit = (me: Me) => one(me, 'operator', 'admin', 'approver');
export const mayApprove = (me: Me) => one(me, 'approver', 'admin');
export const mayPublish = (me: Me) => mayApprove(me) && hasAll(me);
/** Whether their part is the whole directory. */
export const hasAll = (me: Me) => Object.values(me.user.scope).every(list => list.length === 0);
