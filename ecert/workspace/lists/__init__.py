"""Recognition lists at the list keeper's page: a workbook checked, proposed, decided on."""
