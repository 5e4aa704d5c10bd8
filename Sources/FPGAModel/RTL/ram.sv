// SPDX-License-Identifier: Apache-2.0
// Memory with a write port and a registered read port; a word that is being written is read as it
// was before.
module ram #(
    parameter int ADDRESS = 10,
    parameter int WIDTH = 16
) (
    input  logic clk,
    input  logic write,
    input  logic [ADDRESS-1:0] write_address,
    input  logic [WIDTH-1:0] write_data,
    input  logic [ADDRESS-1:0] read_address,
    output logic [WIDTH-1:0] read_data
);
  logic [WIDTH-1:0] words[1 << ADDRESS];
  always_ff @(posedge clk) begin
    if (write) words[write_address] <= write_data;
    read_data <= words[read_address];
  end
endmodule
