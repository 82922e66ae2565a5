"""The commands, as messages name them for the next step."""

BOOTSTRAP = "xacct-ml bootstrap"
CONFIGURE = "xacct-ml configure --push"
CREATE_PIPELINE = "xacct-ml create-pipeline"
LOGS = "xacct-ml logs"
STATUS = "xacct-ml status"
UPLOAD_DATA = "xacct-ml upload-data --train FILE --validation FILE"
UPLOAD_SOURCE = "xacct-ml upload-source DIR"
